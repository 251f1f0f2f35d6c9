namespace Estream.Marketplace.Packages;

/// <summary>Why bytes are no package. Each has a sentence in <see cref="PackageReadResult.ToString"/>, and a rule in
/// docs/formats/package.md.</summary>
public enum PackageFault
{
    /// <summary>Nothing: it is a package.</summary>
    None,

    /// <summary>It does not begin as gzip does.</summary>
    NotGzip,

    /// <summary>The gzip header has a name, an extra field, a comment, a time or a checksum of its own.</summary>
    GzipHeaderFields,

    /// <summary>The compressed data is none.</summary>
    CorruptData,

    /// <summary>The checksum or the length behind the compressed data is another.</summary>
    WrongChecksum,

    /// <summary>It ends too early.</summary>
    Truncated,

    /// <summary>There are bytes behind the gzip member, as a second member.</summary>
    BytesAfterMember,

    /// <summary>The file is too long.</summary>
    PackageTooLarge,

    /// <summary>The archive inside is too long.</summary>
    ArchiveTooLarge,

    /// <summary>Few bytes become very many.</summary>
    RatioTooHigh,

    /// <summary>There are too many entries.</summary>
    TooManyEntries,

    /// <summary>A file is too long.</summary>
    FileTooLarge,

    /// <summary>A signature or an attestation is too long.</summary>
    StatementTooLarge,

    /// <summary>There are too many attestations.</summary>
    TooManyAttestations,

    /// <summary>The checksum of a header is wrong, or not written as it has to be.</summary>
    HeaderChecksum,

    /// <summary>The header is not one of POSIX ustar: that of GNU or of an older tar.</summary>
    NotUstar,

    /// <summary>The entry is no regular file: a link, a device, a FIFO, a folder, or a record of PAX or GNU.</summary>
    NotRegularFile,

    /// <summary>A number is not written in octal digits with leading zeros and a NUL.</summary>
    NumberForm,

    /// <summary>The mode is neither 644 nor 755, or that of a statement is not 644.</summary>
    Mode,

    /// <summary>Owner, group, time, device or link are not the fixed ones.</summary>
    FixedFields,

    /// <summary>The path is divided differently between the header's fields, or something follows its end.</summary>
    PathFields,

    /// <summary>What fills a file up to a whole block is not zero.</summary>
    Padding,

    /// <summary>There is something behind the end of the archive, or only one block ends it.</summary>
    BytesAfterEnd,

    /// <summary>The path is empty, begins or ends with a slash, or has two together.</summary>
    PathEmptySegment,

    /// <summary>A segment of the path is <c>.</c> or <c>..</c>.</summary>
    PathDots,

    /// <summary>The path has a character that is not a letter, a digit or one of <c>._-+@</c>: a backslash, a colon, a space, anything that
    /// is not ASCII.</summary>
    PathCharacter,

    /// <summary>A segment begins with <c>-</c> or <c>+</c>, or ends with a dot.</summary>
    PathSegmentEdge,

    /// <summary>A segment is the name of a device on Windows.</summary>
    PathDeviceName,

    /// <summary>The path has too many bytes, or does not fit the header's two fields.</summary>
    PathTooLong,

    /// <summary>The path has too many segments.</summary>
    PathTooDeep,

    /// <summary>The path differs from a reserved one only by case, or is one that has to be a file or a folder and is not.</summary>
    PathReserved,

    /// <summary>The path was there before.</summary>
    DuplicatePath,

    /// <summary>The path, or a folder of it, differs from another one only by case.</summary>
    CaseTwin,

    /// <summary>One path is a file and the folder of another one.</summary>
    FileIsFolder,

    /// <summary>Entries are not in the order of the bytes of their paths.</summary>
    OutOfOrder,

    /// <summary>There is no <c>estream-component.toml</c>.</summary>
    NoManifest,
}
