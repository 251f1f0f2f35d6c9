namespace Estream.Queue;

/// <summary>What is in a queue at a moment.</summary>
/// <param name="Directory">The queue's directory.</param>
/// <param name="SegmentBytes">Bytes of one segment.</param>
/// <param name="SegmentCount">Segments there are.</param>
/// <param name="FirstSequence">Sequence number of the oldest message kept.</param>
/// <param name="NextSequence">Sequence number the next message will have.</param>
/// <param name="FirstPosition">Position of the oldest message kept.</param>
/// <param name="EndPosition">Position behind the newest message.</param>
/// <param name="WriterProcessId">Process that holds the right to append alone, 0 when none does; a killed one stays named until the next.</param>
/// <param name="Tailers">The named readers and where they go on.</param>
public sealed record QueueInfo(
    string Directory,
    long SegmentBytes,
    int SegmentCount,
    long FirstSequence,
    long NextSequence,
    long FirstPosition,
    long EndPosition,
    int WriterProcessId,
    IReadOnlyList<TailerInfo> Tailers)
{
    /// <summary>Messages kept, counted by their numbers: those that shared appenders left out are in it.</summary>
    public long MessageCount => NextSequence - FirstSequence;

    /// <summary>How the queue is encrypted; <see langword="null"/> when it is in clear. Known without any key.</summary>
    public QueueEncryption? Encryption { get; init; }
}

/// <summary>A named reader.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">Position of the next message it reads.</param>
public sealed record TailerInfo(string Name, long Position);
