namespace Estream.Marketplace.Attestations;

/// <summary>What came of the golden vectors of a package.</summary>
/// <param name="Files">The files of vectors, in the order of their paths.</param>
public sealed record VectorRun(IReadOnlyList<VectorFile> Files)
{
    /// <summary>Whether there are vectors, and all of them passed.</summary>
    public bool HasPassed => Files.Count > 0 && Files.All(file => file.Vectors.Count > 0 && file.Vectors.All(vector => vector.Differences.Count == 0));
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
