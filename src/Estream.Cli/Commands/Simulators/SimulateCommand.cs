using System.CommandLine;

namespace Estream.Cli.Commands.Simulators;

/// <summary>`estream simulate`: starts a simulated device or system, to try an adapter without the real one.</summary>
internal static class SimulateCommand
{
    public static Command Create(CliContext context) => new("simulate",
        "Starts a simulated device or system on the loopback interface, to try an adapter without the real one. Ends on Ctrl-C. Example: "
        + "estream simulate hl7")
    {
        SimulateFhirCommand.Create(context),
        SimulateHl7Command.Create(context),
    };
}
