using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace`: creates, publishes, verifies and installs components.</summary>
internal static class MarketplaceCommand
{
    /// <summary>Creates the command with the subcommands that <paramref name="words"/> needs.</summary>
    /// <param name="context">The environment of the commands.</param>
    /// <param name="words">The words of the command line after <c>marketplace</c>.</param>
    public static Command Create(CliContext context, params string[] words)
    {
        Command command = new(
            "marketplace",
            "Creates, publishes, finds, verifies and installs components: schemas, circuits, adapters and widgets as signed packages. With "
            + "--json, a subcommand writes one JSON object per line. Exit codes: 0 success; 1 the answer is no (errors found, not found, "
            + "conflict, refused, not approved); 2 the command could not run (invalid argument, unreachable registry).");
        LazyCommands.Add(
            command,
            context,
            words,
            ("init", InitCommand.Create),
            ("search", SearchCommand.Create),
            ("show", ShowCommand.Create),
            ("install", InstallCommand.Create),
            ("update", UpdateCommand.Create),
            ("remove", RemoveCommand.Create),
            ("rollback", RollbackCommand.Create),
            ("graph", GraphCommand.Create),
            ("verify", VerifyCommand.Create),
            ("mirror", MirrorCommand.Create),
            ("login", LoginCommand.Create),
            ("logout", LoginCommand.CreateLogout),
            ("lint", LintCommand.Create),
            ("scaffold", ScaffoldCommand.Create),
            ("test", TestCommand.Create),
            ("pack", PackCommand.Create),
            ("rebuild", RebuildCommand.Create),
            ("docs", DocsCommand.Create),
            ("dev", DevCommand.Create),
            ("publish", PublishCommand.Create),
            ("approve", ApproveCommand.Create),
            ("pending", PendingCommand.Create),
            ("yank", MarkCommands.CreateYank),
            ("deprecate", MarkCommands.CreateDeprecate),
            ("key", NamespaceKeyCommand.Create),
            ("registry", RegistryCommand.Create),
            ("server", ServerCommand.Create));
        MarketplaceHelp.Complete(command);
        return command;
    }
}
