using System.CommandLine;
using System.Globalization;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Cli.Commands;

/// <summary>`estream circuit`: checks circuits, runs them on a few messages, tests them, and shows those of a host.</summary>
internal static class CircuitCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("circuit", "Checks, runs and tests circuit files, and shows the circuits of a host.")
        {
            CheckCommand.Create(
                context,
                "Circuit files (ESCIR). Schema files they name are read from the same folder.",
                "Checks circuit files and reports each error with file, line, node and correction, and conflicts between circuits. Exit "
                + "code 1 if there are errors. Example: estream circuit check doors.circuit.yaml",
                Read),
            CircuitTrialCommands.CreateRun(context),
            CircuitTrialCommands.CreateTest(context),
            CircuitHostCommands.CreateList(context),
            CircuitHostCommands.CreateShow(context),
        };
    }

    private static CheckCommand.Checked Read(string file, EsfSchemaSet known)
    {
        CircuitReadResult result = CircuitReader.Load(file, known);
        return new CheckCommand.Checked(result.Circuit?.Pipelines ?? [], result.Diagnostics,
            result.Circuit is Circuit circuit ? Summary(circuit) : "");
    }

    private static string Summary(Circuit circuit)
    {
        if (circuit.Operation is CircuitOperation operation)
        {
            string[] places = [.. new[] { operation.Queue, operation.Map, operation.Feed, operation.Replica }.OfType<string>()];
            return $"{circuit}, operation {operation} on {string.Join(", ", places)}";
        }

        string[] bound = [.. circuit.Nodes.Where(node => node.IsBound).Select(node => node.Id)];
        string ports =
            $"{string.Join(", ", circuit.Inputs.Select(input => input.Name))} -> "
            + $"{string.Join(", ", circuit.Outputs.Select(output => output.Name))}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{circuit}, {ports}, {circuit.Nodes.Count} nodes, {circuit.Invariants.Count} invariants")
            + (circuit.RequiredApprovals == 0
                ? "" : $"; requires {circuit.RequiredApprovals} approvals, found {circuit.Approvals.Count}")
            + (bound.Length == 0
                ? "" : $"; bound to code{(BoundCircuits.IsKnown(circuit) ? " of this program" : "")}: {string.Join(", ", bound)}");
    }
}
