using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace`: components found, verified, installed, and looked after.</summary>
internal static class MarketplaceCommand
{
    public static Command Create(CliContext context) => new(
        "marketplace",
        "Finds components in registries, verifies whose they are, and makes a workspace consist of them. Exit codes: 0 done; 1 the answer is no (not found, conflicting, refused, not approved); 2 not done (a wrong argument, or a registry out of reach).")
    {
        SearchCommand.Create(context),
        ShowCommand.Create(context),
        InstallCommand.Create(context),
        UpdateCommand.Create(context),
        RemoveCommand.Create(context),
        RollbackCommand.Create(context),
        GraphCommand.Create(context),
        VerifyCommand.Create(context),
        MirrorCommand.Create(context),
    };
}
