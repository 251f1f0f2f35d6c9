using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Estream.Cli;

/// <summary>Prints the first level of the help: the commands in groups, one line each. Commands use the default help, in which each
/// subcommand has one sentence.</summary>
/// <param name="details">Prints the help of a command.</param>
/// <param name="groups">All commands, in the order of the help.</param>
internal sealed class RootHelp(SynchronousCommandLineAction details, IReadOnlyList<CommandGroup> groups) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not RootCommand root)
        {
            return InvokeDetails(parseResult);
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

    private int InvokeDetails(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        foreach (Command one in command.Subcommands)
        {
            one.Description = Summary(one);
            foreach (Argument<string> argument in one.Arguments.OfType<Argument<string>>())
            {
                // The list of subcommands would end the sentence with the default value.
                argument.DefaultValueFactory = null;
            }
        }

        int code = details.Invoke(parsed);
        if (command.Subcommands.Count > 0)
        {
            string path = string.Join(' ', parsed.Tokens.Where(token => token.Type == TokenType.Command).Select(token => token.Value));
            parsed.InvocationConfiguration.Output.WriteLine($"estream {path} COMMAND --help shows options and an example.");
        }

        return code;
    }

    private static string Summary(Command command)
    {
        string text = (command.Description ?? "").Split('\n')[0];
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}

/// <summary>Commands that the help lists under a title.</summary>
internal sealed record CommandGroup(string Title, params (string Name, Func<CliContext, Command> Create)[] Commands);
