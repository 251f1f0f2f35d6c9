namespace Estream.Marketplace.Packages;

/// <summary>The limits on a package. They apply to the bytes received, not to the lengths that a header states.</summary>
/// <remarks>Exceeding a limit is a <see cref="PackageFault"/>. Raise the limits to accept larger components, such as FPGA images.</remarks>
public sealed record PackageLimits
{
    /// <summary>The maximum length of a path in bytes: the capacity of the two fields of a ustar header.</summary>
    public const int MaxPathBytes = 255;

    /// <summary>The maximum number of segments of a path.</summary>
    public const int MaxDepth = 16;

    /// <summary>The default limits.</summary>
    public static PackageLimits Default { get; } = new();

    /// <summary>The maximum size of the package file, in bytes: 64 MiB.</summary>
    public long MaxPackageBytes { get; init; } = 64L << 20;

    /// <summary>The maximum size of the decompressed archive, in bytes: 256 MiB.</summary>
    public long MaxArchiveBytes { get; init; } = 256L << 20;

    /// <summary>The maximum size of one file in the package, in bytes: 64 MiB.</summary>
    public long MaxFileBytes { get; init; } = 64L << 20;

    /// <summary>The maximum number of files, including the signature and the attestations: 4,096.</summary>
    public int MaxEntries { get; init; } = 4_096;

    /// <summary>The maximum number of attestations: 64.</summary>
    public int MaxAttestations { get; init; } = 64;

    /// <summary>The maximum size of an attestation, and of the signature, in bytes: 1 MiB.</summary>
    public int MaxStatementBytes { get; init; } = 1 << 20;

    /// <summary>The maximum compression ratio, checked once the archive is larger than <see cref="RatioFromBytes"/>: 100.</summary>
    public int MaxRatio { get; init; } = 100;

    /// <summary>The archive size in bytes above which <see cref="MaxRatio"/> is checked, because a small file of zeros is harmless: 1
    /// MiB.</summary>
    public long RatioFromBytes { get; init; } = 1L << 20;
}
