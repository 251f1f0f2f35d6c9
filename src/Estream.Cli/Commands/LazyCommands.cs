using System.CommandLine;

namespace Estream.Cli.Commands;

/// <summary>Puts those commands below another one that a command line asks for: a process runs one of them, and to make the others was a
/// quarter of what its start cost.</summary>
internal static class LazyCommands
{
    /// <summary>Adds the command that the first word names, or all where it names none: for help, for a shell that completes, and for a
    /// word that is misspelt.</summary>
    /// <param name="parent">What they are added to.</param>
    /// <param name="context">What they are made with.</param>
    /// <param name="words">The words behind the parent's name.</param>
    /// <param name="all">Each by the name that it has, in the order of the help.</param>
    public static void Add(Command parent, CliContext context, ReadOnlySpan<string> words,
        params ReadOnlySpan<(string Name, Func<CliContext, Command> Create)> all)
    {
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
