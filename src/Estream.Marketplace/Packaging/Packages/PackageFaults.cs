using System.Text;

namespace Estream.Marketplace.Packages;

/// <summary>The messages for package faults.</summary>
internal static class PackageFaults
{
    private const int ShownOfPath = 120;

    public static string Describe(PackageReadResult result)
    {
        if (result.Identity is PackageIdentity identity)
        {
            return $"a package of {result.Entries.Count} entries, root256 {identity.Root256}";
        }

        string where = result.Path is null ? $"byte {result.Offset} of {(IsOfFile(result.Fault) ? "the file" : "the archive")}"
            : $"'{Shown(result.Path)}', whose header is at byte {result.Offset} of the archive";
        return $"not a package: {where}: {Explain(result.Fault)}";
    }

    /// <summary>Returns the meaning of a fault and what to do.</summary>
    public static string Explain(PackageFault fault) => fault switch
    {
        PackageFault.None => "nothing is wrong.",
        PackageFault.NotGzip => "it does not begin with a gzip header. Check that it is a package and was fetched completely.",
        PackageFault.GzipHeaderFields =>
            "the gzip header has a name, a time or other fields. Pack it with 'estream marketplace pack', or with 'gzip -n' from standard "
            + "input.",
        PackageFault.CorruptData => "the compressed data is damaged. Fetch it again.",
        PackageFault.WrongChecksum => "the checksum after the compressed data does not match. Fetch it again.",
        PackageFault.Truncated => "it ends too early. Fetch it again.",
        PackageFault.BytesAfterMember =>
            "bytes follow the end of the compressed data. A package is one gzip member and nothing else; pack it again.",
        PackageFault.PackageTooLarge => "the file is longer than the limit. Raise MaxPackageBytes if such a component is expected.",
        PackageFault.ArchiveTooLarge => "it unpacks to more bytes than the limit. Raise MaxArchiveBytes if such a component is expected.",
        PackageFault.RatioTooHigh =>
            "its compression ratio exceeds the limit, as in a decompression bomb. If the content is legitimate, pack it without "
            + "compression.",
        PackageFault.TooManyEntries => "there are more files than the limit. Raise MaxEntries if such a component is expected.",
        PackageFault.FileTooLarge => "the file is longer than the limit. Raise MaxFileBytes if such a component is expected.",
        PackageFault.StatementTooLarge =>
            "a signature or an attestation is longer than the limit. Store the component's own files outside 'attestations/'.",
        PackageFault.TooManyAttestations => "there are more attestations than the limit. Remove those that are not needed.",
        PackageFault.HeaderChecksum => "the header checksum is wrong, or not written as six digits, a NUL and a space. Pack it again.",
        PackageFault.NotUstar => "the header is not POSIX ustar. Pack it again; with tar, use '--format=ustar'.",
        PackageFault.NotRegularFile =>
            "the entry is not a regular file. Links, devices, folders and extended headers (PAX, GNU) are not allowed; pack it without "
            + "them.",
        PackageFault.NumberForm => "a number of the header is not written in octal digits with leading zeros and a NUL. Pack it again.",
        PackageFault.Mode => "the mode is neither 644 nor 755 (644 for signatures and attestations). Pack it again.",
        PackageFault.FixedFields => "the owner, group, time, device or link fields are not 0 or empty. Pack it again.",
        PackageFault.PathFields =>
            "the path must be split between the prefix and name fields at the last slash that fits, and padded with zeros. Pack it again.",
        PackageFault.Padding => "the padding after the content is not zero. Pack it again.",
        PackageFault.BytesAfterEnd =>
            "the archive must end with exactly two blocks of zeros. Pack it again; with tar, use '-b 1'.",
        PackageFault.PathEmptySegment =>
            "the path begins or ends with a slash, or has two in a row. Use a relative path, such as 'schemas/a.yaml'.",
        PackageFault.PathDots => "the path has a segment '.' or '..'. Paths must stay inside the component; remove the segment.",
        PackageFault.PathCharacter =>
            "the path has a character that is not an ASCII letter or digit or one of . _ - + @. Rename the file.",
        PackageFault.PathSegmentEdge => "a part of the path begins with '-' or '+', or ends with a dot. Rename the file.",
        PackageFault.PathDeviceName => "a part of the path is a Windows device name, such as 'con' or 'lpt1'. Rename the file.",
        PackageFault.PathTooLong =>
            "the path is too long: at most 255 bytes, with at most 155 before and 100 after some slash. Shorten it.",
        PackageFault.PathTooDeep => "the path has more than 16 parts. Move the file up.",
        PackageFault.PathReserved =>
            "'SIGNATURE.ml-dsa' and 'attestations/' are reserved: exact case, and no folders in 'attestations/'. Rename the "
            + "file.",
        PackageFault.DuplicatePath => "the path occurs twice. Pack it again.",
        PackageFault.CaseTwin => "the path, or a folder of it, differs from another one only by case. Rename one of them.",
        PackageFault.FileIsFolder => "the path is both a file and a folder of another path. Pack it again.",
        PackageFault.OutOfOrder => "the entries are not sorted by the bytes of their paths. Pack it again.",
        PackageFault.NoManifest => $"there is no {PackagePath.Manifest}. Pack the folder that has it.",
        _ => fault.ToString(),
    };

    internal static bool IsOfFile(PackageFault fault) => fault is PackageFault.NotGzip or PackageFault.GzipHeaderFields
        or PackageFault.CorruptData or PackageFault.WrongChecksum
        or PackageFault.Truncated or PackageFault.BytesAfterMember or PackageFault.PackageTooLarge or PackageFault.ArchiveTooLarge
            or PackageFault.RatioTooHigh;

    // An untrusted path may contain characters that move the cursor or hide text.
    private static string Shown(string path)
    {
        StringBuilder shown = new();
        foreach (char c in path.AsSpan(0, Math.Min(path.Length, ShownOfPath)))
        {
            _ = c is >= ' ' and <= '~' ? shown.Append(c) : shown.Append($"\\x{(int)c:x2}");
        }

        return shown.Append(path.Length > ShownOfPath ? "..." : "").ToString();
    }
}
