using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace`: components, from the folder of their author to a registry, and from there into a workspace.</summary>
internal static class MarketplaceCommand
{
    public static Command Create(CliContext context)
    {
        Command command = new(
            "marketplace",
            "Components: schemas, circuits, adapters and widgets as signed packages, made, published, found, verified and installed. With --json a subcommand writes one JSON object per line. "
            + "Exit codes: 0 done, and the answer is yes; 1 the answer is no (mistakes, not found, conflicting, refused, not approved); 2 not done (a wrong argument, or a registry out of reach).")
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
            LoginCommand.Create(context),
            LoginCommand.CreateLogout(context),
        };
        foreach (Command publisher in PublisherCommands.All(context))
        {
            command.Subcommands.Add(publisher);
        }

        MarketplaceHelp.Complete(command);
        return command;
    }
}
