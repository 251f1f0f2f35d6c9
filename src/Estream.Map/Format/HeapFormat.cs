using System.Globalization;

namespace Estream.Map.Internal;

/// <summary>What the files of a ByteMap beside its index agree on; see docs/formats/bytemap.md.</summary>
internal static class HeapFormat
{
    /// <summary>Raised by every change that an older program would misread.</summary>
    public const int Version = 1;

    /// <summary>Keys are hashed by SipHash-1-3.</summary>
    public const int HashKindSip13 = 1;

    /// <summary>"ESTRMBYT" and "ESTRMHEP" in ASCII, as a little-endian number reads them.</summary>
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

    /// <summary>Heaps begin with segments of this size, or of the largest allowed one if that is smaller.</summary>
    public const long FirstSegmentBytes = 256 * 1024;

    /// <summary>The most segments a heap can have at a time. A segment's place among them is its number modulo this.</summary>
    public const int MaxSegments = 16 * 1024;

    public static string SegmentFile(long id) => $"{SegmentPrefix}{id:D4}";

    public static string SpareFile(long number) => $"{SparePrefix}{number:D4}";

    public static bool IsSpareFile(string name) => TryReadNumber(name, SparePrefix, out long number) && name == SpareFile(number);

    /// <summary>Reads the number in a name that <see cref="SegmentFile"/> gives. Others that begin alike are not the map's.</summary>
    public static bool TryReadSegmentFile(string name, out long id) =>
        TryReadNumber(name, SegmentPrefix, out id) && id is > 0 and <= BlockRef.MaxSegment && name == SegmentFile(id);

    private static bool TryReadNumber(string name, string prefix, out long number)
    {
        number = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
