using System.CommandLine;
using Estream.Cli.Commands.Marketplace;

namespace Estream.Cli.Tests;

/// <summary>A process builds only the requested command, or all commands if none is requested.</summary>
public sealed class LazyCommandTests
{
    private static readonly CliContext s_context = new() { Output = Stream.Null, Error = TextWriter.Null, DataFolder = "." };

    public static TheoryData<string> Roots => [.. CliProgram.CreateRoot(s_context).Subcommands.Select(command => command.Name)];

    public static TheoryData<string> Verbs => [.. MarketplaceCommand.Create(s_context).Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Roots))]
    public void Only_the_requested_command_is_built(string name)
    {
        Assert.Equal(name, Assert.Single(CliProgram.CreateRoot(s_context, name, "--help").Subcommands).Name);
        Assert.True(CliProgram.CreateRoot(s_context, name + "x").Subcommands.Count > 10);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Only_the_requested_marketplace_command_is_built(string name)
    {
        Command marketplace = Assert.Single(CliProgram.CreateRoot(s_context, "marketplace", name).Subcommands);
        Assert.Equal(name, Assert.Single(marketplace.Subcommands).Name);
        Assert.True(Assert.Single(CliProgram.CreateRoot(s_context, "marketplace", "--help", name).Subcommands).Subcommands.Count > 10);
    }
}
