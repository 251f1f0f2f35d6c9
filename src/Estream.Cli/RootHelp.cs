using System.CommandLine;
using System.CommandLine.Invocation;

namespace Estream.Cli;

/// <summary>Prints the first level of the help: the commands in groups, one line each. Commands use the default help.</summary>
/// <param name="details">Prints the help of a command.</param>
/// <param name="groups">All commands, in the order of the help.</param>
internal sealed class RootHelp(SynchronousCommandLineAction details, IReadOnlyList<CommandGroup> groups) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not RootCommand root)
        {
            return details.Invoke(parseResult);
        }

        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Usage: estream COMMAND [options]");
        foreach (CommandGroup group in groups)
        {
            output.WriteLine();
            output.WriteLine(group.Title + ":");
            foreach ((string name, _) in group.Commands)
            {
                output.WriteLine($"  {name,-12} {Summary(root.Subcommands.First(command => command.Name == name))}");
            }
        }

        output.WriteLine();
        output.WriteLine("estream COMMAND --help shows options and an example. estream --version shows the version.");
        return ExitCode.Ok;
    }

    private static string Summary(Command command)
    {
        string text = command.Description ?? "";
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}

/// <summary>Commands that the help lists under a title.</summary>
internal sealed record CommandGroup(string Title, params (string Name, Func<CliContext, Command> Create)[] Commands);
