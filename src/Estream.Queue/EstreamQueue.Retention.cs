using System.Globalization;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Retention, and the consumer offsets that batches of this queue contain for readers of another queue.
public sealed partial class EstreamQueue
{
    /// <summary>
    /// Applies the retention limits of this object's options now. Deletes whole segments, oldest first, that every named tailer has passed
    /// and no reader has pinned. Appenders do the same whenever a segment starts; call this for a queue that grows slowly or has to shrink
    /// at once.
    /// </summary>
    /// <returns>The deleted segments, and the number of segments that could not be deleted. Without limits nothing is deleted.</returns>
    /// <remarks>Thread-safe; may run while any process appends. Costs a few system calls for each segment, and a flush.</remarks>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamException">A cursor or a segment cannot be read, or a deletion failed. Segments that may still be needed are
    /// kept.</exception>
    public RetentionResult ApplyRetention() => ApplyRetention(_options.RetainedBytes, _options.RetainedAge);

    /// <summary>Applies other retention limits once.</summary>
    /// <param name="retainedBytes">As <see cref="QueueOptions.RetainedBytes"/>; 0 for no limit.</param>
    /// <param name="retainedAge">As <see cref="QueueOptions.RetainedAge"/>; zero for no limit.</param>
    /// <inheritdoc cref="ApplyRetention()"/>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative.</exception>
    public RetentionResult ApplyRetention(long retainedBytes, TimeSpan retainedAge)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retainedBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(retainedAge, TimeSpan.Zero);
        return Reclaim(RetentionLimits.Of(retainedBytes, retainedAge));
    }

    /// <summary>Deletes the segments whose messages all have a lower position, oldest first, that every named tailer has passed and no
    /// reader has pinned. The newest segment is kept.</summary>
    /// <param name="position">The lowest position to keep, for example because later messages replace all earlier messages.</param>
    /// <inheritdoc cref="ApplyRetention()"/>
    /// <exception cref="ArgumentOutOfRangeException">The position is negative.</exception>
    public RetentionResult ReclaimBefore(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return Reclaim(new RetentionLimits(0, 0) { Before = position });
    }

    /// <summary>
    /// Why retention of this queue object deletes nothing by age, as of its last run; <see langword="null"/> if nothing prevents it. Costs
    /// nothing.
    /// </summary>
    public RetentionPause? RetentionPause => RetentionClock.Pause;

    /// <summary>Checks now whether the clock of the machine is right enough to delete messages by age.</summary>
    /// <returns>Why nothing is deleted by age; <see langword="null"/> if nothing prevents it.</returns>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamStorageException">The metadata of the queue cannot be written.</exception>
    public RetentionPause? CheckRetentionClock()
    {
        RequireWritable("check its clock");
        return RetentionClock.Check();
    }

    /// <summary>Confirms that the clock of the machine is right now, so that retention by age continues, in all processes. Flushes the
    /// confirmation. Thread-safe.</summary>
    /// <inheritdoc cref="CheckRetentionClock" path="/exception"/>
    public void ConfirmRetentionClock()
    {
        RequireWritable("confirm its clock");
        RetentionClock.Confirm();
    }

    /// <summary>Changes the retention limits and the durability of acknowledgements of the open queue, and stores both for display.
    /// Thread-safe. Appenders of other processes keep their own options.</summary>
    /// <param name="limits">The options with the new limits and durability; other options are not used.</param>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    internal void Adjust(QueueOptions limits)
    {
        RequireWritable("change its limits");
        limits.Validate();
        _options = _options with
        {
            RetainedBytes = limits.RetainedBytes, RetainedAge = limits.RetainedAge, IngressDurability = limits.IngressDurability,
        };
        if (_options.RetainedAge > TimeSpan.Zero)
        {
            // Remembers the time before anything is deleted by age.
            RetentionClock.Check();
        }

        Keeper.Restart();
        using MemoryRegion metadata = Files.Storage.OpenRegion(Files.MetadataPath, RegionAccess.ReadWrite);
        Limits.Write(metadata.All);
        metadata.All.WriteInt32(MetadataLayout.IngressDurabilityOffset, (int)IngressDurability.Level);
    }

    private RetentionResult Reclaim(RetentionLimits limits)
    {
        RequireWritable("apply retention");
        (int removed, long bytes, int beyond) = Keeper.Reclaim(limits);
        return new RetentionResult(removed, bytes, OldestPosition(), beyond);
    }

    /// <summary>
    /// Lists the named tailers that keep segments beyond the retention limits of this object's options, and how many bytes each keeps.
    /// Costs a few system calls for each named tailer and each segment beyond the limits. Thread-safe.
    /// </summary>
    /// <exception cref="EstreamException">A cursor or a segment cannot be read.</exception>
    public IReadOnlyList<TailerHold> GetTailerHolds() => Keeper.Holds();

    /// <summary>
    /// The reader that keeps retention of this queue object from deleting a segment, as of the last retention run; <see langword="null"/>
    /// if none does. Costs nothing.
    /// </summary>
    public RetentionHold? RetentionHold => Holds.Current;

    /// <summary>
    /// The number of segments that readers have lost to retention since this queue object was opened; see <see
    /// cref="QueueOptions.MaxRetentionHold"/>.
    /// </summary>
    public long EvictedSegments => Holds.Evicted;

    /// <summary>
    /// Finds the offset that the last batch in this queue stored for a named reader of another queue; see <see cref="CreateTailer(string,
    /// EstreamQueue)"/>.
    /// </summary>
    /// <param name="source">The queue that was consumed.</param>
    /// <param name="name">The name of the reader in <paramref name="source"/>.</param>
    /// <returns><see langword="null"/> if this queue has no such batch.</returns>
    /// <remarks>Scans the last segment, and the whole queue if nothing is found there.</remarks>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
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
            // Another writer, alive or dead, may hold a claim before the end.
            int read = tailer.TryRead(out _) ? 1 : 0;
            behind += read;
            idle.Idle(read);
        }

        return consumed is long found ? new ConsumerOffset(found, behind) : null;
    }
}

/// <summary>
/// How far a named reader has consumed another queue, as its last batch in this queue recorded it; see <see
/// cref="EstreamQueue.FindConsumed"/>.
/// </summary>
/// <param name="Position">The position in the other queue after the last consumed message.</param>
/// <param name="MessagesBehind">The number of messages of other writers in this queue after that batch.</param>
public readonly record struct ConsumerOffset(long Position, long MessagesBehind);

/// <summary>Why retention deletes nothing by age: the clock of the machine may be wrong.</summary>
/// <param name="Ahead">How far the time of day is ahead of the time that has passed, or after the last known time if the machine was off
/// meanwhile. Negative if it is before the last known time.</param>
/// <param name="EndsIn">The time after which retention continues by itself; <see langword="null"/> if it continues only when the clock is
/// set right or confirmed (<see cref="EstreamQueue.ConfirmRetentionClock"/>).</param>
public sealed record RetentionPause(TimeSpan Ahead, TimeSpan? EndsIn)
{
    /// <summary>Describes the reason and the remedy.</summary>
    public string Reason => EndsIn is { } left
        ? string.Create(CultureInfo.InvariantCulture,
            $"No earlier time is known, and the newest segment began {Ahead.TotalDays:0.0} days ago. Retention by age waits "
            + $"{left.TotalMinutes:0} minutes, so that a wrong clock can be set right. Confirm the time to continue now.")
        : string.Create(CultureInfo.InvariantCulture, $"{Difference()} Retention by age deletes nothing until the clock is set right, or "
            + $"the time is confirmed with 'estream queue retain QUEUE --confirm'.");

    private string Difference() => Ahead < TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture,
            $"The clock of the machine is {-Ahead.TotalDays:0.0} days before the last known time.")
        : string.Create(CultureInfo.InvariantCulture,
            $"The clock of the machine has jumped ahead by {Ahead.TotalDays:0.0} days, or the machine was off for so long.");
}

/// <summary>A named tailer that keeps segments beyond the retention limits.</summary>
/// <param name="Name">The name.</param>
/// <param name="Bytes">The size in bytes of the segments beyond the limits that the tailer has not passed.</param>
public readonly record struct TailerHold(string Name, long Bytes);

/// <summary>A segment that retention would delete and a reader has pinned.</summary>
/// <param name="FirstPosition">The lowest position in the segment.</param>
/// <param name="Holders">The processes that have pinned it, by name and id; empty if they cannot be seen from here.</param>
public sealed record RetentionHold(long FirstPosition, IReadOnlyList<string> Holders);

/// <summary>The result of <see cref="EstreamQueue.ApplyRetention()"/>.</summary>
/// <param name="Segments">The number of segments deleted.</param>
/// <param name="Bytes">The size of these segments in bytes.</param>
/// <param name="FirstPosition">The lowest position that the oldest retained message can have.</param>
/// <param name="SegmentsBeyond">The number of segments beyond the limits that still exist, because a named tailer has not passed them or a
/// reader has pinned them.</param>
public readonly record struct RetentionResult(int Segments, long Bytes, long FirstPosition, int SegmentsBeyond);
