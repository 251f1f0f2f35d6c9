using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate`: starts a simulated device or system, to try an adapter without the real one.</summary>
internal static class SimulateCommand
{
    public static Command Create(CliContext context) => new("simulate",
        "Starts a simulated device or system on the loopback interface, to try an adapter without the real one. Ends on Ctrl-C. Example: "
        + "estream simulate hl7")
    {
        SimulateHl7Command.Create(context),
        SimulateModbusCommand.Create(context),
        SimulateDnp3Command.Create(context),
        SimulateFhirCommand.Create(context),
        SimulateOpcUaCommand.Create(context),
    };

    /// <summary>Prints the first line of a simulator.</summary>
    public static void Announce(CliContext context, string what, int port)
    {
        using LineWriter lines = new(context.Output);
        lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} on 127.0.0.1:{port}; Ctrl-C ends"));
    }
}
