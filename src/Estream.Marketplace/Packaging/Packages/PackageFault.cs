namespace Estream.Marketplace.Packages;

/// <summary>Why bytes are not a package. <see cref="PackageReadResult.ToString"/> explains each fault, and docs/formats/package.md has the
/// rules.</summary>
public enum PackageFault
{
    /// <summary>No fault: the bytes are a package.</summary>
    None,

    /// <summary>The bytes do not begin with a gzip header.</summary>
    NotGzip,

    /// <summary>The gzip header has a name, an extra field, a comment, a time or a header checksum.</summary>
    GzipHeaderFields,

    /// <summary>The compressed data is invalid.</summary>
    CorruptData,

    /// <summary>The checksum or the length after the compressed data does not match.</summary>
    WrongChecksum,

    /// <summary>The package file ends too early.</summary>
    Truncated,

    /// <summary>Bytes follow the gzip member, such as a second member.</summary>
    BytesAfterMember,

    /// <summary>The package file is larger than <see cref="PackageLimits.MaxPackageBytes"/>.</summary>
    PackageTooLarge,

    /// <summary>The decompressed archive is larger than <see cref="PackageLimits.MaxArchiveBytes"/>.</summary>
    ArchiveTooLarge,

    /// <summary>The compression ratio is too high.</summary>
    RatioTooHigh,

    /// <summary>There are too many entries.</summary>
    TooManyEntries,

    /// <summary>A file in the package is larger than <see cref="PackageLimits.MaxFileBytes"/>.</summary>
    FileTooLarge,

    /// <summary>A signature or an attestation is too large.</summary>
    StatementTooLarge,

    /// <summary>There are too many attestations.</summary>
    TooManyAttestations,

    /// <summary>The checksum of a header is wrong or not in the required form.</summary>
    HeaderChecksum,

    /// <summary>The header is not POSIX ustar but, for example, GNU or an older tar.</summary>
    NotUstar,

    /// <summary>The entry is not a regular file but a link, a device, a FIFO, a folder, or a PAX or GNU record.</summary>
    NotRegularFile,

    /// <summary>A number is not written in octal digits with leading zeros and a NUL.</summary>
    NumberForm,

    /// <summary>The mode is neither 644 nor 755, or that of a statement is not 644.</summary>
    Mode,

    /// <summary>The owner, group, time, device or link fields do not have their fixed values.</summary>
    FixedFields,

    /// <summary>The path is split differently between the header fields, or its end is not padded with zeros.</summary>
    PathFields,

    /// <summary>The padding of a file is not zero.</summary>
    Padding,

    /// <summary>Data follows the end of the archive, or only one block ends it.</summary>
    BytesAfterEnd,

    /// <summary>The path is empty, begins or ends with a slash, or has two slashes in a row.</summary>
    PathEmptySegment,

    /// <summary>A segment of the path is <c>.</c> or <c>..</c>.</summary>
    PathDots,

    /// <summary>The path has a character that is not an ASCII letter, a digit or one of <c>._-+@</c>: a backslash, a colon, a space, or a
    /// non-ASCII character.</summary>
    PathCharacter,

    /// <summary>A segment begins with <c>-</c> or <c>+</c>, or ends with a dot.</summary>
    PathSegmentEdge,

    /// <summary>A segment is a Windows device name.</summary>
    PathDeviceName,

    /// <summary>The path has too many bytes, or does not fit the two header fields.</summary>
    PathTooLong,

    /// <summary>The path has too many segments.</summary>
    PathTooDeep,

    /// <summary>The path differs from a reserved one only by case, or uses a reserved file as a folder or the reverse.</summary>
    PathReserved,

    /// <summary>The path occurs twice.</summary>
    DuplicatePath,

    /// <summary>The path, or a folder in it, differs from another one only by case.</summary>
    CaseTwin,

    /// <summary>A path is both a file and a folder of another path.</summary>
    FileIsFolder,

    /// <summary>The entries are not ordered by the bytes of their paths.</summary>
    OutOfOrder,

    /// <summary>There is no <c>estream-component.toml</c>.</summary>
    NoManifest,
}
