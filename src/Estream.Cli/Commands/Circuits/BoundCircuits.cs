using Estream.Circuits;
using Estream.Marketplace.Governance;
using Estream.Wire.Iso20022;

namespace Estream.Cli.Commands;

/// <summary>Circuits whose bound nodes this program has the code of.</summary>
internal static class BoundCircuits
{
    // Beside the circuit file: what the store of a marketplace has.
    private const string ContentFolder = "content";

    /// <summary>Whether the code is here.</summary>
    public static bool IsKnown(Circuit circuit) => circuit.Name is WidgetPublishCircuit.Name or Iso20022ParseCircuit.Name;

    /// <summary>The circuit with its code; another circuit as it is.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="path">Its file.</param>
    public static Circuit Bind(Circuit circuit, string path)
    {
        if (!IsKnown(circuit))
        {
            return circuit;
        }

        try
        {
            // Without keys: what is tried here comes in clear.
            if (circuit.Name == Iso20022ParseCircuit.Name)
            {
                return Iso20022ParseCircuit.Bind(circuit);
            }

            WidgetContentFolder content = new(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, ContentFolder));
            return WidgetPublishCircuit.Bind(circuit, new WidgetPublishOptions { Content = content.Find });
        }
        catch (ArgumentException other)
        {
            throw new CliException(other.Message, ExitCode.Failed);
        }
    }
}
