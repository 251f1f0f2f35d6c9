using System.CommandLine;

namespace Estream.Cli.Tests;

/// <summary>The commands of the program.</summary>
internal static class KnownCommands
{
    /// <summary>The words of each command that does something itself. A command that only has subcommands is left out.</summary>
    public static IReadOnlyList<string[]> All { get; } = [.. Below(
        CliProgram.CreateRoot(new CliContext { Output = Stream.Null, Error = TextWriter.Null, DataFolder = "" }))];

    private static IEnumerable<string[]> Below(Command command) => command.Subcommands.Where(below => !below.Hidden)
        .SelectMany(below => (below.Action is null ? [] : new string[][] { [below.Name] })
            .Concat(Below(below).Select(words => (string[])[below.Name, .. words])));
}
