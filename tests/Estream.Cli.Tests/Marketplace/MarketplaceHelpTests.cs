using System.CommandLine;
using System.Globalization;
using Estream.Cli.Commands.Marketplace;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>The help of each command lists its exit codes and an example, and the guide has the same exit codes as the program.</summary>
public sealed class MarketplaceHelpTests
{
    private static readonly Command s_root =
        MarketplaceCommand.Create(new CliContext { Output = Stream.Null, Error = TextWriter.Null, DataFolder = "." });

    public static TheoryData<string> Verbs => [.. Leaves(s_root, "marketplace").Select(leaf => leaf.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_help_of_a_command_ends_with_its_exit_codes_and_a_valid_example(string path)
    {
        Command command = Leaves(s_root, "marketplace").Single(leaf => leaf.Path == path).Command;
        string[] parts = command.Description!.Split("\n\n");
        Assert.True(parts.Length == 3, path);
        Assert.StartsWith("Exit codes: 0", parts[1], StringComparison.Ordinal);
        string example = parts[2]["Example: ".Length..];
        Assert.StartsWith($"estream {path}", example, StringComparison.Ordinal);
        string words = example.Split(" | ")[0].Split(" < ")[0]["estream marketplace".Length..];
        ParseResult parsed = s_root.Parse(System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(words).ToArray(),
            new ParserConfiguration { ResponseFileTokenReplacer = null });
        Assert.Empty(parsed.Errors);
        Assert.Same(command, parsed.CommandResult.Command);
    }

    [Fact]
    public void The_exit_code_table_of_the_guide_matches_the_program()
    {
        string[] rows = [.. File.ReadLines(RepositoryRoot.Combine("docs", "guides", "marketplace.md"))
            .SkipWhile(line => line != "| Exit code | Means |").Skip(2).TakeWhile(line => line.StartsWith('|'))];
        int[] codes = [.. rows.Select(row => int.Parse(row.Split('|')[1], CultureInfo.InvariantCulture))];
        Assert.Equal([ExitCode.Ok, ExitCode.No, ExitCode.Failed], codes);
        Assert.All(rows, row => Assert.True(row.Split('|')[2].Length > 20, row));
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) =>
        command.Subcommands.SelectMany(one => one.Subcommands.Count == 0
            ? [($"{path} {one.Name}", one)] : Leaves(one, $"{path} {one.Name}"));
}
