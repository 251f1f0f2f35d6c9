using Estream.Circuits;
using Estream.Marketplace.Governance;
using Estream.Wire.Iso20022;

namespace Estream.Cli.Commands;

/// <summary>The circuits for whose bound nodes this program contains the code.</summary>
internal static class BoundCircuits
{
    // The folder next to the circuit file with the content of a marketplace store.
    private const string ContentFolder = "content";

    /// <summary>Whether this program contains the code of a circuit.</summary>
    public static bool IsKnown(Circuit circuit) => circuit.Name is WidgetPublishCircuit.Name or Iso20022ParseCircuit.Name;

    /// <summary>Returns the circuit bound to its code, or the circuit unchanged if this program does not contain its code.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="path">The circuit file.</param>
    public static Circuit Bind(Circuit circuit, string path)
    {
        if (!IsKnown(circuit))
        {
            return circuit;
        }

        try
        {
            // No keys: trial messages are plaintext.
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
