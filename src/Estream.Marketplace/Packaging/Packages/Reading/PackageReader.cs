namespace Estream.Marketplace.Packages;

/// <summary>Reads untrusted packages from a stream. Anything but exactly one valid package is reported as a fault, not as an
/// exception.</summary>
/// <remarks>Thread-safe. Uses about 130 KiB per read, whatever the content, plus the list of entries. Does not verify signatures: it
/// determines the identity of a package, not its origin.</remarks>
public static class PackageReader
{
    /// <summary>Reads a package to the end of its stream.</summary>
    /// <param name="package">The package. Left open.</param>
    /// <param name="sink">Receives the entries while they are read, or null.</param>
    /// <param name="limits">The limits; null for <see cref="PackageLimits.Default"/>.</param>
    /// <remarks>Exceptions from the stream or from the sink are not caught: a failing disk is not a fault of the package.</remarks>
    public static PackageReadResult Read(Stream package, IPackageSink? sink = null, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        using PackageScan scan = new(package, sink, limits ?? PackageLimits.Default);
        return scan.Run();
    }
}

/// <summary>The result of reading a package: its identity and entries, or the fault and its position. Immutable.</summary>
public sealed class PackageReadResult
{
    internal PackageReadResult(PackageFault fault, long offset, string? path, PackageIdentity? identity,
        IReadOnlyList<PackageEntry> entries)
    {
        (Fault, Offset, Path, Identity, Entries) = (fault, offset, path, identity, entries);
    }

    /// <summary>The fault; <see cref="PackageFault.None"/> if there is none.</summary>
    public PackageFault Fault { get; }

    /// <summary>The position of the fault: the archive offset of the entry's header, or the file offset for gzip faults.</summary>
    public long Offset { get; }

    /// <summary>The path of the faulty entry as the package writes it, with any characters up to U+00FF. Null if the fault does not belong
    /// to an entry.</summary>
    public string? Path { get; }

    /// <summary>The identity of the package; null if there is a fault.</summary>
    public PackageIdentity? Identity { get; }

    /// <summary>The entries in order, including those that are not part of the identity. Empty if there is a fault.</summary>
    public IReadOnlyList<PackageEntry> Entries { get; }

    /// <summary>Whether the bytes are a package.</summary>
    public bool IsPackage => Fault == PackageFault.None;

    /// <summary>Returns the fault, its position and what to do; or the identity.</summary>
    public override string ToString() => PackageFaults.Describe(this);
}
