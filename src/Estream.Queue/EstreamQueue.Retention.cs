using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// What is given up now, and what the batches of a reader say of another queue.
public sealed partial class EstreamQueue
{
    /// <summary>
    /// Gives up now what the retention of this object's options allows: whole segments, from the oldest on, that every named tailer has
    /// passed and nobody reads. Appenders do the same where a segment begins; this is for a queue to which little is appended, or that has
    /// to become smaller at once.
    /// </summary>
    /// <returns>What was given up, and what could not be. Without limits nothing is.</returns>
    /// <remarks>Thread-safe, beside appenders of any process. Costs a few system calls for each segment, and a flush.</remarks>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamException">A cursor or a segment cannot be looked at, or the device refused: what is not known to be surplus
    /// is kept.</exception>
    public RetentionResult ApplyRetention() => ApplyRetention(_options.RetainedBytes, _options.RetainedAge);

    /// <summary>The same with other limits, for this once.</summary>
    /// <param name="retainedBytes">As <see cref="QueueOptions.RetainedBytes"/>; 0 for no limit.</param>
    /// <param name="retainedAge">As <see cref="QueueOptions.RetainedAge"/>; zero for no limit.</param>
    /// <inheritdoc cref="ApplyRetention()"/>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative.</exception>
    public RetentionResult ApplyRetention(long retainedBytes, TimeSpan retainedAge)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retainedBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(retainedAge, TimeSpan.Zero);
        RequireWritable("give up messages");
        (int removed, int beyond) = Keeper.Reclaim(RetentionLimits.Of(retainedBytes, retainedAge));
        return new RetentionResult(removed, removed * SegmentBytes, OldestPosition(), beyond);
    }

    /// <summary>Finds the last batch in this queue that consumed another one as a named reader: see
    /// <see cref="CreateTailer(string, EstreamQueue)"/>.</summary>
    /// <param name="source">The queue that was consumed.</param>
    /// <param name="name">The name of the reader there.</param>
    /// <returns><see langword="null"/> where there is none.</returns>
    /// <remarks>Walks the last segment, and the whole queue where nothing is found there.</remarks>
    /// <exception cref="ArgumentException">The name has characters that no name has.</exception>
    /// <exception cref="EstreamException">The queue cannot be read.</exception>
    public ConsumerOffset? FindConsumed(EstreamQueue source, string name)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        TailerName.Check(name);
        IReadOnlyList<long> segments = ListSegments();
        return segments.Count == 0 ? null
            : LastConsumed(segments[^1], source, name) is ConsumerOffset last ? last
            : segments.Count > 1 ? LastConsumed(segments[0], source, name)
            : null;
    }

    private ConsumerOffset? LastConsumed(long index, EstreamQueue source, string name)
    {
        long? consumed = null;
        long behind = 0;
        using QueueTailer tailer = CreateTailer();
        tailer.Seek((index * SegmentBytes) + SegmentLayout.HeaderBytes);
        tailer.Consumed = (segment, offset, word) =>
        {
            if (ConsumerOffsetFrame.Read(segment, offset, word, source.Id, name) is long position)
            {
                (consumed, behind) = (position, 0);
            }
        };
        IdleStrategy idle = IdleStrategy.Backoff();
        while (!tailer.IsAtEnd)
        {
            // A place before the end may still be claimed by another writer, dead or alive.
            int read = tailer.TryRead(out _) ? 1 : 0;
            behind += read;
            idle.Idle(read);
        }

        return consumed is long found ? new ConsumerOffset(found, behind) : null;
    }
}

/// <summary>How far a named reader has consumed another queue, by its last batch in this queue; see
/// <see cref="EstreamQueue.FindConsumed"/>.</summary>
/// <param name="Position">The position in the other queue behind what was consumed.</param>
/// <param name="MessagesBehind">Messages of other writers that this queue has after that batch.</param>
public readonly record struct ConsumerOffset(long Position, long MessagesBehind);

/// <summary>What <see cref="EstreamQueue.ApplyRetention()"/> gave up.</summary>
/// <param name="Segments">Segments that were removed.</param>
/// <param name="Bytes">Bytes of these segments.</param>
/// <param name="FirstPosition">Where the oldest message that is kept can be.</param>
/// <param name="SegmentsBeyond">Segments that are beyond the limits and still there, since a named tailer has not passed them or somebody
/// reads them.</param>
public readonly record struct RetentionResult(int Segments, long Bytes, long FirstPosition, int SegmentsBeyond);
