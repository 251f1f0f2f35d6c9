namespace Estream.Marketplace.Packages;

/// <summary>How a file of a rebuilt package differs from that of the published one.</summary>
public enum PackageDifferenceKind
{
    /// <summary>The published package has it, and the rebuilt one does not.</summary>
    Missing,

    /// <summary>The rebuilt package has it, and the published one does not.</summary>
    Added,

    /// <summary>It has another content.</summary>
    Content,

    /// <summary>One of the two may be executed.</summary>
    Mode,
}

/// <summary>A file that differs.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Kind">How.</param>
/// <param name="Published">What was published; null where it is <see cref="PackageDifferenceKind.Added"/>.</param>
/// <param name="Rebuilt">What came of building again; null where it is <see cref="PackageDifferenceKind.Missing"/>.</param>
public sealed record PackageDifference(string Path, PackageDifferenceKind Kind, PackageEntry? Published, PackageEntry? Rebuilt)
{
    /// <summary>The difference in a sentence.</summary>
    public override string ToString() => Kind switch
    {
        PackageDifferenceKind.Missing => $"{Path} is in the published package alone",
        PackageDifferenceKind.Added => $"{Path} is in the rebuilt package alone",
        PackageDifferenceKind.Mode => $"{Path} may be executed in the {(Published!.IsExecutable ? "published" : "rebuilt")} package alone",
        _ => $"{Path} has {Published!.Length} bytes with SHA-256 {Published.Sha256} in the published package, and {Rebuilt!.Length} with {Rebuilt.Sha256} in the rebuilt one",
    };
}
