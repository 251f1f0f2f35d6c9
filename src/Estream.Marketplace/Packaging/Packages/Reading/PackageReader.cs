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
