using System.Globalization;

namespace Estream.Map.Internal;

/// <summary>The constants of the files of a ByteMap other than its index; see docs/formats/bytemap.md.</summary>
internal static class HeapFormat
{
    /// <summary>Incremented by every change that an older program would misread.</summary>
    public const int Version = 1;

    /// <summary>Keys are hashed by SipHash-1-3.</summary>
    public const int HashKindSip13 = 1;

    /// <summary>"ESTRMBYT" and "ESTRMHEP" in ASCII, read as little-endian numbers.</summary>
    public const long MetaMagic = 0x5459424D_52545345;
    public const long SegmentMagic = 0x5045484D_52545345;

    public const string MetaFile = "bytes.meta";
    public const string NewMetaFile = "bytes.meta.new";
    public const string SegmentPrefix = "heap.";
    public const string SparePrefix = "spare.";

    public const int MaxKeyBytes = 64 * 1024;
    public const int MaxValueBytes = 256 * 1024 * 1024;

    public const long MinSegmentBytes = 4096;
    public const long MaxSegmentBytes = 1L << 30;

    /// <summary>The size of the first segments of a heap, or the maximum segment size if that is smaller.</summary>
    public const long FirstSegmentBytes = 256 * 1024;

    /// <summary>The maximum number of segments of a heap at a time. No two of them have numbers that are equal modulo this limit.</summary>
    public const int MaxSegments = 16 * 1024;

    public static string SegmentFile(long id) => $"{SegmentPrefix}{id:D4}";

    public static string SpareFile(long number) => $"{SparePrefix}{number:D4}";

    public static bool IsSpareFile(string name) => TryReadNumber(name, SparePrefix, out long number) && name == SpareFile(number);

    /// <summary>
    /// Reads the number from a name that <see cref="SegmentFile"/> returns. Other names with the same prefix do not belong to the map.
    /// </summary>
    public static bool TryReadSegmentFile(string name, out long id) =>
        TryReadNumber(name, SegmentPrefix, out id) && id is > 0 and <= BlockRef.MaxSegment && name == SegmentFile(id);

    private static bool TryReadNumber(string name, string prefix, out long number)
    {
        number = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
