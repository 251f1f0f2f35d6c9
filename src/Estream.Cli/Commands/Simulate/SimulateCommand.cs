using System.CommandLine;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate`: devices of the field, for demonstrations and tests without hardware.</summary>
internal static class SimulateCommand
{
    public static Command Create(CliContext context) =>
        new("simulate", "Simulates devices until it is stopped. Listens on loopback. Example: estream simulate dnp3 --port 20000")
        {
            SimulateDnp3Command.Create(context),
        };
}
