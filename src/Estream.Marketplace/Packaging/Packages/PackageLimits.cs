namespace Estream.Marketplace.Packages;

/// <summary>How much of a package is taken. Counted on the bytes that come, not on what a header says of them.</summary>
/// <remarks>What is beyond is a <see cref="PackageFault"/>. Whoever admits larger components, such as FPGA images, says so here.</remarks>
public sealed record PackageLimits
{
    /// <summary>The longest path, in bytes: what the two fields of a ustar header hold.</summary>
    public const int MaxPathBytes = 255;

    /// <summary>The most segments of a path.</summary>
    public const int MaxDepth = 16;

    /// <summary>The limits where none are given.</summary>
    public static PackageLimits Default { get; } = new();

    /// <summary>Bytes of the whole file, as it lies on a disk: 64 MiB.</summary>
    public long MaxPackageBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of the archive inside: 256 MiB.</summary>
    public long MaxArchiveBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of one file: 64 MiB.</summary>
    public long MaxFileBytes { get; init; } = 64L << 20;

    /// <summary>Files, with the signature and the attestations: 4,096.</summary>
    public int MaxEntries { get; init; } = 4_096;

    /// <summary>Attestations: 64.</summary>
    public int MaxAttestations { get; init; } = 64;

    /// <summary>Bytes of an attestation, and of the signature: 1 MiB.</summary>
    public int MaxStatementBytes { get; init; } = 1 << 20;

    /// <summary>How many bytes of the archive one byte of the file may become, once the archive has more than <see cref="RatioFromBytes"/>:
    /// 100.</summary>
    public int MaxRatio { get; init; } = 100;

    /// <summary>From how many bytes of the archive on <see cref="MaxRatio"/> is looked at: a small file of zeros is no bomb. 1
    /// MiB.</summary>
    public long RatioFromBytes { get; init; } = 1L << 20;
}
