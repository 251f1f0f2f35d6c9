using System.Text;
using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Governance;

/// <summary>The files of the governance circuits, as they were when this program was made: what decides is part of the program, and nothing
/// that lies beside it.</summary>
internal static class GovernanceFiles
{
    /// <summary>Reads a circuit with its schemas.</summary>
    /// <param name="name">The name of its file without what follows the first dot.</param>
    public static Circuit Read(string name)
    {
        string file = name + ".circuit.yaml";
        CircuitReadResult read = CircuitReader.Read(
            Text(file), file, EsfSchemaSet.BuiltIn,
            schemas => EsfSchemaSet.Parse([.. schemas.Select(schema => new EsfSchemaFile(schema, Text(schema)))]));
        return read.Circuit
            ?? throw new InvalidOperationException($"The circuit {file} of this program has mistakes: {read.Diagnostics[0]}");
    }

    private static string Text(string file)
    {
        using Stream stream = typeof(GovernanceFiles).Assembly.GetManifestResourceStream("governance/" + Path.GetFileName(file))
            ?? throw new InvalidOperationException($"This program was made without {file}.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
