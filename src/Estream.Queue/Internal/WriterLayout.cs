namespace Estream.Queue.Internal;

/// <summary>The bytes of writers.tab; docs/formats/queue.md has the essay.</summary>
internal static class WriterLayout
{
    public const long Magic = 0x31_54_52_57_52_54_53_45; // "ESTRWRT1"
    public const int Version = 1;
    public const int QueueIdOffset = 16;
    public const int CheckedBytes = 8;
    public const int HeaderBytes = 4096;

    public const int SlotCount = 256;
    public const int SlotBytes = 128;
    public const int FileBytes = HeaderBytes + (SlotCount * SlotBytes);

    /// <summary>The position of the last claim; plus 1 from before the next addition to the tail until that claim's word is written.</summary>
    public const int ClaimOffset = 0;
    public const int EpochOffset = 8;
    public const int ProcessOffset = 16;
    public const int StartOffset = 24;

    /// <summary>Positions are multiples of eight, which leaves room for this.</summary>
    public const long ClaimingFlag = 1;

    public const string FileName = "writers.tab";
    public const string LockDirectory = "writers";

    public static string LockName(int slot) => $"{slot:D3}.lock";
}
