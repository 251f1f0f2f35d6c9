using System.CommandLine;

namespace Estream.Cli.Commands;

/// <summary>Creates only the subcommand that a command line names. A process runs one command; creating all of them took a quarter of the
/// start-up time.</summary>
internal static class LazyCommands
{
    /// <summary>Adds the subcommand that the first word names. Adds all subcommands if it names none: for help, for shell completion, and
    /// for a misspelled word. Adds none for <c>--version</c>.</summary>
    /// <param name="parent">The command that receives the subcommands.</param>
    /// <param name="context">The environment of the commands.</param>
    /// <param name="words">The words after the parent's name.</param>
    /// <param name="all">All subcommands by name, in the order of the help.</param>
    public static void Add(Command parent, CliContext context, ReadOnlySpan<string> words,
        params ReadOnlySpan<(string Name, Func<CliContext, Command> Create)> all)
    {
        if (words is ["--version"])
        {
            return;
        }

        foreach ((string name, Func<CliContext, Command> create) in all)
        {
            if (words is [{ } asked, ..] && asked == name)
            {
                parent.Subcommands.Add(create(context));
                return;
            }
        }

        foreach ((_, Func<CliContext, Command> create) in all)
        {
            parent.Subcommands.Add(create(context));
        }
    }
}
