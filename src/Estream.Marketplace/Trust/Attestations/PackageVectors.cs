using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Core;
using Estream.Esf;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Attestations;

/// <summary>Runs the golden vectors that are in a package: on its own bytes, unpacked for it, so that what passes is what its roots say.
/// Thread-safe.</summary>
public static class PackageVectors
{
    private const string CircuitEnding = ".circuit.yaml";
    private const string VectorsEnding = ".vectors.json";

    /// <summary>Runs the vectors beside each circuit file: <c>a.vectors.json</c> of <c>a.circuit.yaml</c>.</summary>
    /// <param name="package">The package.</param>
    /// <param name="known">Schemas of other packages that its circuits use.</param>
    /// <param name="bind">Gives a circuit the code it is bound to, with the folder it lies in; null where no circuit has any.</param>
    /// <returns>What came of them; no files where the package has no vectors.</returns>
    /// <exception cref="EstreamFormatException">A circuit has mistakes, or a file of vectors; the first is said.</exception>
    /// <exception cref="InvalidOperationException">A circuit is bound to code that was not given.</exception>
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
            ?? throw new EstreamFormatException($"{circuitPath} has {read.Diagnostics.Count} mistakes; the first: {read.Diagnostics[0]}",
                circuitPath);
        circuit = bind?.Invoke(circuit, Path.GetDirectoryName(file)!) ?? circuit;
        return [.. CircuitVectors.Load(Path.Combine(folder, vectorsPath), circuit, read.Schemas)
            .Select(vector => new VectorOutcome(vector.Name, vector.Run()))];
    }
}

/// <summary>What came of the golden vectors of a package.</summary>
/// <param name="Files">The files of vectors, in the order of their paths.</param>
public sealed record VectorRun(IReadOnlyList<VectorFile> Files)
{
    /// <summary>Whether there are vectors, and all of them passed.</summary>
    public bool HasPassed =>
        Files.Count > 0 && Files.All(file => file.Vectors.Count > 0 && file.Vectors.All(vector => vector.Differences.Count == 0));
}

/// <summary>A file of golden vectors that was run.</summary>
/// <param name="Path">Its path in the package.</param>
/// <param name="Sha256">SHA-256 of it, in 64 small hexadecimal digits.</param>
/// <param name="Vectors">The vectors in their order.</param>
public sealed record VectorFile(string Path, string Sha256, IReadOnlyList<VectorOutcome> Vectors);

/// <summary>A golden vector that was run.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Differences">How what came differs from what had to come; empty where it passed.</param>
public sealed record VectorOutcome(string Name, IReadOnlyList<string> Differences);
