namespace Estream.Marketplace.Packages;

/// <summary>How the archive lies in its gzip member. A package's identity does not depend on it.</summary>
public enum PackageCompression
{
    /// <summary>In stored blocks: as long as the archive, and the same bytes wherever and with whatever version it is packed.</summary>
    Stored,

    /// <summary>Compressed by the zlib of the runtime: shorter, and other bytes with another version or processor.</summary>
    Deflate,
}
