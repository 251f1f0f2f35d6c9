using System.Buffers;

namespace Estream.Marketplace.Packages;

/// <summary>Validates paths in packages: a valid path means the same file on every system and stays inside the target folder.</summary>
/// <remarks>Thread-safe; allocates nothing.</remarks>
public static class PackagePath
{
    /// <summary>The path of the manifest, which every package has.</summary>
    public const string Manifest = "estream-component.toml";

    /// <summary>The path of the release signature.</summary>
    public const string Signature = "SIGNATURE.ml-dsa";

    /// <summary>The prefix of the paths of attestations.</summary>
    public const string Attestations = "attestations/";

    private const int MaxName = 100;
    private const int MaxPrefix = 155;
    private const int DeviceDigitAt = 3;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+@/");

    /// <summary>Checks a path.</summary>
    /// <param name="path">Any text.</param>
    /// <returns><see cref="PackageFault.None"/> if the path is valid.</returns>
    public static PackageFault Check(ReadOnlySpan<char> path)
    {
        if (path.Length > PackageLimits.MaxPathBytes)
        {
            return PackageFault.PathTooLong;
        }

        if (path.ContainsAnyExcept(s_allowed))
        {
            return PackageFault.PathCharacter;
        }

        int depth = 0;
        foreach (Range range in path.Split('/'))
        {
            PackageFault fault = CheckSegment(path[range]);
            if (fault != PackageFault.None)
            {
                return fault;
            }

            depth++;
        }

        return depth > PackageLimits.MaxDepth ? PackageFault.PathTooDeep
            : SplitAt(path) < 0 ? PackageFault.PathTooLong
            : IsReservedTwin(path) ? PackageFault.PathReserved
            : PackageFault.None;
    }

    /// <summary>Returns the kind of an entry.</summary>
    /// <param name="path">A valid path.</param>
    public static PackageEntryKind KindOf(ReadOnlySpan<char> path) =>
        path.SequenceEqual(Signature) ? PackageEntryKind.Signature
        : path.StartsWith(Attestations, StringComparison.Ordinal) ? PackageEntryKind.Attestation
        : PackageEntryKind.Content;

    /// <summary>Returns where a path is split between the two fields of a ustar header: at its last slash that leaves at most 155 bytes
    /// before it. 0 if the path is not split, -1 if it does not fit.</summary>
    internal static int SplitAt(ReadOnlySpan<char> path)
    {
        if (path.Length <= MaxName)
        {
            return 0;
        }

        int slash = path[..Math.Min(path.Length, MaxPrefix + 1)].LastIndexOf('/');
        return slash > 0 && path.Length - slash - 1 <= MaxName ? slash : -1;
    }

    private static PackageFault CheckSegment(ReadOnlySpan<char> segment) =>
        segment.IsEmpty ? PackageFault.PathEmptySegment
        : segment is "." or ".." ? PackageFault.PathDots
        : segment[0] is '-' or '+' || segment[^1] == '.' ? PackageFault.PathSegmentEdge
        : IsDevice(segment) ? PackageFault.PathDeviceName
        : PackageFault.None;

    // Windows treats the part before the first dot as the device name, whatever follows.
    private static bool IsDevice(ReadOnlySpan<char> segment)
    {
        int dot = segment.IndexOf('.');
        ReadOnlySpan<char> stem = dot < 0 ? segment : segment[..dot];
        Span<char> small = stackalloc char[DeviceDigitAt + 1];
        if (stem.Length is not (DeviceDigitAt or DeviceDigitAt + 1))
        {
            return false;
        }

        small = small[..stem.ToLowerInvariant(small)];
        return small is "con" or "prn" or "aux" or "nul"
            || (small.Length > DeviceDigitAt && small[..DeviceDigitAt] is "com" or "lpt" && char.IsAsciiDigit(small[^1]));
    }

    // On a case-insensitive file system, such a file would replace the signature or the attestations. A folder inside the attestations
    // folder has no meaning.
    private static bool IsReservedTwin(ReadOnlySpan<char> path)
    {
        int slash = path.IndexOf('/');
        ReadOnlySpan<char> first = slash < 0 ? path : path[..slash];
        if (first.Equals(Signature, StringComparison.OrdinalIgnoreCase))
        {
            return !path.SequenceEqual(Signature);
        }

        return first.Equals(Attestations.AsSpan(0, Attestations.Length - 1), StringComparison.OrdinalIgnoreCase)
            && (!path.StartsWith(Attestations, StringComparison.Ordinal) || path[Attestations.Length..].Contains('/'));
    }
}

/// <summary>An entry of a package with the hashes of its content.</summary>
/// <param name="Path">The path: ASCII segments separated by <c>/</c>.</param>
/// <param name="Kind">The kind of entry.</param>
/// <param name="IsExecutable">Whether the mode is 755 instead of 644.</param>
/// <param name="Length">The length of the content, in bytes.</param>
/// <param name="Sha256">The SHA-256 of the content, in 64 lower-case hexadecimal digits.</param>
/// <param name="Sha3">The SHA3-256 of the content, in 64 lower-case hexadecimal digits.</param>
public sealed record PackageEntry(string Path, PackageEntryKind Kind, bool IsExecutable, long Length, string Sha256, string Sha3);

/// <summary>The kind of a package entry.</summary>
public enum PackageEntryKind
{
    /// <summary>A file of the component: part of the package's identity, and installed.</summary>
    Content,

    /// <summary><c>SIGNATURE.ml-dsa</c>: the signature of the release. Not part of the content.</summary>
    Signature,

    /// <summary>A file in <c>attestations/</c>: a statement about the content. Not part of the content.</summary>
    Attestation,
}
