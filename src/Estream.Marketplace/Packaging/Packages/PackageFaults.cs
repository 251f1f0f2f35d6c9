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
        PackageFault.NotGzip => "it does not begin as gzip does. Is it a package, and was it fetched whole?",
        PackageFault.GzipHeaderFields =>
            "the gzip header has a name, a time or other fields. Pack it with 'estream marketplace pack', or with 'gzip -n' from standard "
            + "input.",
        PackageFault.CorruptData => "the compressed data is damaged. Fetch it again.",
        PackageFault.WrongChecksum => "the checksum behind the compressed data is another. Fetch it again.",
        PackageFault.Truncated => "it ends too early. Fetch it again.",
        PackageFault.BytesAfterMember =>
            "bytes follow the end of the compressed data. A package is one gzip member and nothing else; pack it again.",
        PackageFault.PackageTooLarge => "the file is longer than the limit. Raise MaxPackageBytes if such a component is expected.",
        PackageFault.ArchiveTooLarge => "it unpacks to more bytes than the limit. Raise MaxArchiveBytes if such a component is expected.",
        PackageFault.RatioTooHigh =>
            "it unpacks to very many times its size, as made to fill a disk. Pack it without compression if it is really so.",
        PackageFault.TooManyEntries => "there are more files than the limit. Raise MaxEntries if such a component is expected.",
        PackageFault.FileTooLarge => "the file is longer than the limit. Raise MaxFileBytes if such a component is expected.",
        PackageFault.StatementTooLarge =>
            "a signature or an attestation is longer than the limit. It is no place for files of the component.",
        PackageFault.TooManyAttestations => "there are more attestations than the limit. Leave out those nobody looks at.",
        PackageFault.HeaderChecksum => "the header's checksum is wrong, or not written with six digits, a NUL and a space. Pack it again.",
        PackageFault.NotUstar => "the header is not POSIX ustar. Pack it again, with tar by '--format=ustar'.",
        PackageFault.NotRegularFile =>
            "the entry is no regular file. Links, devices, folders and extended headers (PAX, GNU) are not taken; pack it again without "
            + "them.",
        PackageFault.NumberForm => "a number of the header is not written in octal digits with leading zeros and a NUL. Pack it again.",
        PackageFault.Mode => "the mode is neither 644 nor 755 (644 for signatures and attestations). Pack it again.",
        PackageFault.FixedFields => "owner, group, time, device or link are not the fixed ones: numbers 0, names empty. Pack it again.",
        PackageFault.PathFields =>
            "the path is not written as it has to be: divided at its last slash that fits, and zeros behind it. Pack it again.",
        PackageFault.Padding => "what fills the content up to a whole block is not zero. Pack it again.",
        PackageFault.BytesAfterEnd =>
            "an archive ends with two blocks of zeros, and nothing follows them; here it is not so. Pack it again, with tar by '-b 1'.",
        PackageFault.PathEmptySegment =>
            "the path begins or ends with a slash, or has two together. Paths are relative, such as 'schemas/a.yaml'.",
        PackageFault.PathDots => "the path has a segment '.' or '..'. Paths stay inside of the component; write it without them.",
        PackageFault.PathCharacter =>
            "the path has a character that is not a letter or digit of ASCII or one of . _ - + @. Rename the file.",
        PackageFault.PathSegmentEdge => "a part of the path begins with '-' or '+', or ends with a dot. Rename the file.",
        PackageFault.PathDeviceName => "a part of the path is the name of a device on Windows, such as 'con' or 'lpt1'. Rename the file.",
        PackageFault.PathTooLong =>
            "the path does not fit: at most 255 bytes, and a slash that leaves at most 155 before it and 100 behind it. Shorten it.",
        PackageFault.PathTooDeep => "the path has more than 16 parts. Put the file less deep.",
        PackageFault.PathReserved =>
            "'SIGNATURE.ml-dsa' and the files of 'attestations/' are written exactly so, and without folders in that folder. Rename the "
            + "file.",
        PackageFault.DuplicatePath => "the path is there twice. Pack it again.",
        PackageFault.CaseTwin => "the path, or a folder of it, differs from another one only by capital letters. Rename one of the two.",
        PackageFault.FileIsFolder => "the path is a file and also the folder of another one. Pack it again.",
        PackageFault.OutOfOrder => "the entries are not in the order of the bytes of their paths. Pack it again.",
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
