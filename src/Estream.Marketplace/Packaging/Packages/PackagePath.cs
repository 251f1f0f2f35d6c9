using System.Buffers;

namespace Estream.Marketplace.Packages;

/// <summary>Which paths a package has: those that mean the same file on every system, and nothing outside of the folder they are unpacked
/// into.</summary>
/// <remarks>Thread-safe; allocates nothing.</remarks>
public static class PackagePath
{
    /// <summary>The manifest, which every package has.</summary>
    public const string Manifest = "estream-component.toml";

    /// <summary>The signature of the release.</summary>
    public const string Signature = "SIGNATURE.ml-dsa";

    /// <summary>What the paths of attestations begin with.</summary>
    public const string Attestations = "attestations/";

    private const int MaxName = 100;
    private const int MaxPrefix = 155;
    private const int DeviceDigitAt = 3;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+@/");

    /// <summary>What is wrong with a path.</summary>
    /// <param name="path">Any text.</param>
    /// <returns><see cref="PackageFault.None"/> where a package may have it.</returns>
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

    /// <summary>What an entry with a path is.</summary>
    /// <param name="path">A path without fault.</param>
    public static PackageEntryKind KindOf(ReadOnlySpan<char> path) =>
        path.SequenceEqual(Signature) ? PackageEntryKind.Signature
        : path.StartsWith(Attestations, StringComparison.Ordinal) ? PackageEntryKind.Attestation
        : PackageEntryKind.Content;

    /// <summary>Where a path is divided between the two fields of a ustar header: at its last slash that leaves at most 155 bytes before
    /// it. 0 where it is not divided, -1 where it does not fit.</summary>
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

    // Windows takes what stands before the first dot for a device, whatever follows.
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

    // Where case does not count, such a file would lie in the place of the signature or of the attestations. A folder in a folder of
    // attestations has no meaning.
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

/// <summary>An entry of a package, with the hashes of its content.</summary>
/// <param name="Path">Its path: ASCII, segments divided by <c>/</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsExecutable">Whether its mode is 755 and not 644.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Sha256">SHA-256 of its content, in 64 small hexadecimal digits.</param>
/// <param name="Sha3">SHA3-256 of its content, likewise.</param>
public sealed record PackageEntry(string Path, PackageEntryKind Kind, bool IsExecutable, long Length, string Sha256, string Sha3);

/// <summary>What an entry of a package is.</summary>
public enum PackageEntryKind
{
    /// <summary>A file of the component: part of the package's identity, and installed.</summary>
    Content,

    /// <summary><c>SIGNATURE.ml-dsa</c>: who says that this is a release. About the content, and no part of it.</summary>
    Signature,

    /// <summary>A file of <c>attestations/</c>: what somebody says of the content. No part of it.</summary>
    Attestation,
}
