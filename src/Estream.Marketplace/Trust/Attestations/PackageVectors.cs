using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Attestations;

/// <summary>Runs the golden vectors of a package on the package's own bytes, unpacked into a temporary directory, so the results apply to
/// its roots. Thread-safe.</summary>
public static class PackageVectors
{
    private const string CircuitEnding = ".circuit.yaml";
    private const string VectorsEnding = ".vectors.json";

    /// <summary>Runs the vectors of each circuit file: <c>a.vectors.json</c> for <c>a.circuit.yaml</c>.</summary>
    /// <param name="package">The package.</param>
    /// <param name="known">Schemas of other packages that the circuits use.</param>
    /// <param name="bind">Binds a circuit to its code, given the directory of the circuit file; null if no circuit is bound to
    /// code.</param>
    /// <returns>The results; no files if the package has no vectors.</returns>
    /// <exception cref="EstreamFormatException">A circuit or a vector file has errors; the message gives the first one.</exception>
    /// <exception cref="InvalidOperationException">A circuit is bound to code that was not provided.</exception>
    public static VectorRun Run(Package package, EsfSchemaSet known, Func<Circuit, string, Circuit>? bind = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(known);
        string room = Directory.CreateTempSubdirectory("estream-vectors-").FullName;
        try
        {
            string folder = Path.Combine(room, "package");
            using (MemoryStream bytes = new())
            {
                package.Write(bytes);
                bytes.Position = 0;
                _ = PackageInstaller.Install(bytes, package.Identity, folder);
            }

            Dictionary<string, PackageEntry> entries = package.Entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
            return new VectorRun(
            [
                .. from entry in package.Entries
                   where entry.Kind == PackageEntryKind.Content && entry.Path.EndsWith(CircuitEnding, StringComparison.Ordinal)
                   let vectors = entries.GetValueOrDefault(entry.Path[..^CircuitEnding.Length] + VectorsEnding)
                   where vectors is not null
                   orderby vectors.Path
                   select new VectorFile(vectors.Path, vectors.Sha256, RunFile(folder, entry.Path, vectors.Path, known, bind)),
            ]);
        }
        finally
        {
            Directory.Delete(room, recursive: true);
        }
    }

    private static List<VectorOutcome> RunFile(string folder, string circuitPath, string vectorsPath, EsfSchemaSet known,
        Func<Circuit, string, Circuit>? bind)
    {
        string file = Path.Combine(folder, circuitPath);
        CircuitReadResult read = CircuitReader.Load(file, known);
        Circuit circuit = read.Circuit
            ?? throw new EstreamFormatException($"{circuitPath} has {read.Diagnostics.Count} errors; the first: {read.Diagnostics[0]}",
                circuitPath);
        circuit = bind?.Invoke(circuit, Path.GetDirectoryName(file)!) ?? circuit;
        return [.. CircuitVectors.Load(Path.Combine(folder, vectorsPath), circuit, read.Schemas)
            .Select(vector => new VectorOutcome(vector.Name, vector.Run()))];
    }
}

/// <summary>The results of the golden vectors of a package.</summary>
/// <param name="Files">The vector files, ordered by path.</param>
public sealed record VectorRun(IReadOnlyList<VectorFile> Files)
{
    /// <summary>Whether there are vectors and all of them passed.</summary>
    public bool HasPassed =>
        Files.Count > 0 && Files.All(file => file.Vectors.Count > 0 && file.Vectors.All(vector => vector.Differences.Count == 0));
}

/// <summary>A golden-vector file that was run.</summary>
/// <param name="Path">The path of the file in the package.</param>
/// <param name="Sha256">The SHA-256 of the file, in 64 lower-case hexadecimal digits.</param>
/// <param name="Vectors">The vectors, in file order.</param>
public sealed record VectorFile(string Path, string Sha256, IReadOnlyList<VectorOutcome> Vectors);

/// <summary>A golden vector that was run.</summary>
/// <param name="Name">The name of the vector.</param>
/// <param name="Differences">The differences between the actual and the expected output; empty if the vector passed.</param>
public sealed record VectorOutcome(string Name, IReadOnlyList<string> Differences);
