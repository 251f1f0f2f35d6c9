using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace`: components, from the folder of their author to a registry.</summary>
internal static class MarketplaceCommand
{
    public static Command Create(CliContext context)
    {
        Command command = new(
            "marketplace",
            "Components: schemas, circuits, adapters and widgets as signed packages. "
            + "With --json a subcommand writes one JSON object per line. It ends with 0 where it is done and the answer is yes, 1 where the answer is no (mistakes, a refusal, something that differs), 2 where it could not be done.");
        foreach (Command publisher in PublisherCommands.All(context))
        {
            command.Subcommands.Add(publisher);
        }

        return command;
    }
}
