using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The commands of `estream marketplace` for those who make components, and for those who run a registry.</summary>
internal static class PublisherCommands
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Command> All(CliContext context) =>
    [
        LintCommand.Create(context),
        ScaffoldCommand.Create(context),
        TestCommand.Create(context),
        PackCommand.Create(context),
        RebuildCommand.Create(context),
        DocsCommand.Create(context),
        DevCommand.Create(context),
        PublishCommand.Create(context),
        ApproveCommand.Create(context),
        PendingCommand.Create(context),
        MarkCommands.CreateYank(context),
        MarkCommands.CreateDeprecate(context),
        NamespaceKeyCommand.Create(context),
        RegistryCommand.Create(context),
    ];
}
