namespace Estream.Marketplace.Packages;

/// <summary>Reads packages from outside, as they come: everything that is not exactly one is a fault, and nothing of it throws.</summary>
/// <remarks>Thread-safe. Some 130 KiB for each that is being read, whatever is in it, beside the list of its entries. Signatures are not
/// its business: it says what a package is, not whose.</remarks>
public static class PackageReader
{
    /// <summary>Reads a package to the end of its stream.</summary>
    /// <param name="package">Its bytes. Left open.</param>
    /// <param name="sink">Takes the entries while they come, where they are wanted.</param>
    /// <param name="limits">How much is taken; <see cref="PackageLimits.Default"/> where null.</param>
    /// <remarks>What the stream itself throws, or the sink, comes through: a disk that fails is no fault of the package.</remarks>
    public static PackageReadResult Read(Stream package, IPackageSink? sink = null, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        using PackageScan scan = new(package, sink, limits ?? PackageLimits.Default);
        return scan.Run();
    }
}

/// <summary>What came of reading a package: its identity and entries, or what is wrong and where. Immutable.</summary>
public sealed class PackageReadResult
{
    internal PackageReadResult(PackageFault fault, long offset, string? path, PackageIdentity? identity,
        IReadOnlyList<PackageEntry> entries)
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
