using System.Text;
using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Governance;

/// <summary>The files of the governance circuits, embedded in this program at build time, so that no file on disk can change the
/// decisions.</summary>
internal static class GovernanceFiles
{
    /// <summary>Reads a circuit with its schemas.</summary>
    /// <param name="name">The file name up to the first dot.</param>
    public static Circuit Read(string name)
    {
        string file = name + ".circuit.yaml";
        CircuitReadResult read = CircuitReader.Read(
            Text(file), file, EsfSchemaSet.BuiltIn,
            schemas => EsfSchemaSet.Parse([.. schemas.Select(schema => new EsfSchemaFile(schema, Text(schema)))]));
        return read.Circuit
            ?? throw new InvalidOperationException($"The circuit {file} of this program has errors: {read.Diagnostics[0]}");
    }

    private static string Text(string file)
    {
        using Stream stream = typeof(GovernanceFiles).Assembly.GetManifestResourceStream("governance/" + Path.GetFileName(file))
            ?? throw new InvalidOperationException($"This program was built without {file}.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
