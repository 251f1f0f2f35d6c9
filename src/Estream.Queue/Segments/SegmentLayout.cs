namespace Estream.Queue.Internal;

/// <summary>The header of a segment; see docs/formats/queue.md.</summary>
internal static class SegmentLayout
{
    public const long Magic = 0x31_47_45_53_52_54_53_45; // "ESTRSEG1"
    public const int Version = 2;
    public const int MagicOffset = 0;
    public const int VersionOffset = 8;
    public const int HeaderChecksumOffset = 12;
    public const int QueueIdOffset = 16;
    public const int IndexOffset = 24;
    public const int SegmentBytesOffset = 32;
    public const int FirstSequenceOffset = 40;
    public const int BaseTimeOffset = 48;
    public const int FrameChecksumOffset = 56;
    public const int KindOffset = 60;

    /// <summary>Number (high half) and offset in units of eight bytes (low half) of the next claim in a shared segment.</summary>
    public const int TailOffset = 64;

    /// <summary>Number and offset of the end-of-segment frame of a shared segment, in the same form; 0 until it is decided.</summary>
    public const int SealOffset = 128;

    /// <summary>The part of the header under its checksum starts at <see cref="QueueIdOffset"/> and has this length.</summary>
    public const int CheckedBytes = 48;

    public const int HeaderBytes = 256;
    public const string Suffix = ".seg";
    public const string SpareName = "spare.new";
    public const string ReadyName = "spare.ready";
    public const string RotateName = "rotate.new";
    public const string SpareLockName = "spare.lock";

    /// <summary>The index has one entry for this many bytes of the segment.</summary>
    public const int IndexStrideBytes = 64 << 10;
    public const int IndexEntryBytes = 16;

    private const int FirstVersion = 1;
    private const int PageBytes = 4096;

    /// <summary>The size of a segment file: the segment and, from version 2 on, its index.</summary>
    public static long FileBytes(long segmentBytes, int version) =>
        version == FirstVersion ? segmentBytes : segmentBytes + Math.Max(segmentBytes / IndexStrideBytes * IndexEntryBytes, PageBytes);

    public static string FileName(long index) => string.Create(null, stackalloc char[32], $"{index:D12}{Suffix}");

    public static bool TryParseFileName(string name, out long index)
    {
        index = -1;
        return name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Suffix.Length), System.Globalization.NumberStyles.None, null, out index)
            && name == FileName(index);
    }
}
