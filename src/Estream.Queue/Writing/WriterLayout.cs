namespace Estream.Queue.Internal;

/// <summary>What the queue has of its own in writers.tab, beside <see cref="Core.WriterSlots"/>; docs/formats/queue.md has the
/// essay.</summary>
internal static class WriterLayout
{
    public const long Magic = 0x31_54_52_57_52_54_53_45; // "ESTRWRT1"
    public const int Version = 1;
    public const int QueueIdOffset = 16;
    public const int CheckedBytes = 8;

    /// <summary>The position of the last claim; plus 1 from before the next addition to the tail until that claim's word is
    /// written.</summary>
    public const int ClaimOffset = 0;

    /// <summary>Positions are multiples of eight, which leaves room for this.</summary>
    public const long ClaimingFlag = 1;

    public const string FileName = "writers.tab";
    public const string LockDirectory = "writers";
}
