using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The output of a consumer group or of an adapter, and the positions that its batches store. A source without a cursor, such as
/// a source on a host that has taken over, continues at these positions. Not thread-safe.</summary>
internal sealed class GroupOutput(EstreamQueue queue, string tailerName)
{
    /// <summary>The start of the names of adapters that continue where their output ends.</summary>
    public const string AdapterPrefix = "adapter-";

    private readonly Dictionary<long, long> _consumed = [];
    private long _scanned;

    public EstreamQueue Queue => queue;

    /// <summary>Cancels scans of the output. The next scan continues where a cancelled scan stopped.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Finds the position in a partition after its last message whose result is in the output; null if there is none.</summary>
    /// <remarks>Scans the output once for all partitions, and then only what is new.</remarks>
    /// <exception cref="EstreamException">The output cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The scan was cancelled.</exception>
    public long? Find(EstreamQueue partition)
    {
        Scan();
        return _consumed.TryGetValue(partition.Id, out long position) ? position : null;
    }

    private void Scan()
    {
        using QueueTailer tailer = queue.CreateTailer();
        if (_scanned > queue.OldestPosition())
        {
            tailer.Seek(_scanned);
        }

        tailer.Consumed = (segment, offset, word) =>
        {
            if (ConsumerOffsetFrame.TryRead(segment, offset, word, tailerName, out long id, out long position))
            {
                _consumed[id] = position;
            }
        };
        IdleStrategy idle = IdleStrategy.Backoff();
        while (!tailer.IsAtEnd)
        {
            _scanned = tailer.Position;
            Cancellation.ThrowIfCancellationRequested();

            // Another writer, alive or dead, may hold a claim before the end.
            idle.Idle(tailer.TryRead(out _) ? 1 : 0);
        }

        _scanned = tailer.Position;
    }
}
