namespace Estream.Marketplace.Packages;

/// <summary>What came of reading a package: its identity and entries, or what is wrong and where. Immutable.</summary>
public sealed class PackageReadResult
{
    internal PackageReadResult(PackageFault fault, long offset, string? path, PackageIdentity? identity, IReadOnlyList<PackageEntry> entries)
    {
        (Fault, Offset, Path, Identity, Entries) = (fault, offset, path, identity, entries);
    }

    /// <summary>What is wrong; <see cref="PackageFault.None"/> where nothing is.</summary>
    public PackageFault Fault { get; }

    /// <summary>Where: bytes into the archive, at the entry's header; into the file for what is wrong with gzip.</summary>
    public long Offset { get; }

    /// <summary>The path of the entry that is wrong, as the package writes it: any characters up to U+00FF. Null where it is no entry's
    /// fault.</summary>
    public string? Path { get; }

    /// <summary>What the package is. Null where it is none.</summary>
    public PackageIdentity? Identity { get; }

    /// <summary>Its entries in their order, with those that are not part of the identity. Empty where it is none.</summary>
    public IReadOnlyList<PackageEntry> Entries { get; }

    /// <summary>Whether it is a package.</summary>
    public bool IsPackage => Fault == PackageFault.None;

    /// <summary>What is wrong, where, and what to do, in a sentence; or the identity.</summary>
    public override string ToString() => PackageFaults.Describe(this);
}
