namespace Estream.Queue.Internal;

/// <summary>The layout of queue.meta and of a cursor; see docs/formats/queue.md.</summary>
internal static class MetadataLayout
{
    public const long QueueMagic = 0x31_45_55_51_52_54_53_45; // "ESTRQUE1"
    public const long CursorMagic = 0x31_52_55_43_52_54_53_45; // "ESTRCUR1"
    /// <summary>The newest version: the first segments may be smaller than the others.</summary>
    public const int Version = 3;

    /// <summary>The version with several writers and the waiter flag. Queues whose segments all have one size keep it.</summary>
    public const int VersionWithEqualSegments = 2;
    public const int CursorVersion = 1;
    public const int FileBytes = 4096;

    public const int MagicOffset = 0;
    public const int VersionOffset = 8;
    public const int ChecksumOffset = 12;
    public const int QueueIdOffset = 16;
    public const int SegmentBytesOffset = 24;
    public const int CreatedAtOffset = 32;
    public const int FirstSegmentBytesOffset = 40;
    public const int QueueCheckedBytes = 48;
    public const int WriterProcessOffset = 64;
    public const int WriterStartOffset = 72;
    public const int WriterEpochOffset = 80;

    /// <summary>The retention limits of the last appender: bytes and nanoseconds. For display.</summary>
    public const int RetainedBytesOffset = 88;
    public const int RetainedAgeOffset = 96;

    /// <summary>The <see cref="DurabilityLevel"/> that ingress waits for, as set by the last appender. For display.</summary>
    public const int IngressDurabilityOffset = 104;

    /// <summary>The <see cref="ClockMark"/> of retention.</summary>
    public const int ClockMarkOffset = 1024;

    /// <summary>
    /// A <see cref="Core.SharedSignal"/>: the flag that appenders read, and in the next cache line the word on which tailers sleep.
    /// </summary>
    public const int WaiterSignalOffset = 128;

    public const int CursorCheckedBytes = 8;
    public const int CursorPositionOffset = 64;
    public const int CursorOutputOffset = 72;

    /// <summary>
    /// Fields of a name that consumes into an output; see <see cref="TransactionalConsumer"/>. They are the position at which the source
    /// was truncated, the last recovery of the output that the name has applied, the positions in source and output at which the name
    /// began, and a flag that these positions may not be durable.
    /// </summary>
    public const int CursorSourceCutOffset = 88;
    public const int CursorOutputSeenOffset = 96;
    public const int CursorBeganOffset = 104;
    public const int CursorBeganOutputOffset = 112;
    public const int CursorUnsettledOffset = 120;

    /// <summary>When the name was last used, and how long after that retention still waits for it, in nanoseconds; 0 for ever.</summary>
    public const int CursorUsedAtOffset = 128;
    public const int CursorMaxUnusedOffset = 136;

    /// <summary>The process that uses the name, for display; the lock on the file tells whether it is in use.</summary>
    public const int CursorProcessOffset = 80;

    public const string QueueFile = "queue.meta";
    public const string LockFile = "writer.lock";
    public const string RotateLockFile = "rotate.lock";
    public const string TailerDirectory = "tailers";
    public const string CursorSuffix = ".cursor";
}
