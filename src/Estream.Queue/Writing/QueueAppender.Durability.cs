using Estream.Queue.Internal;

namespace Estream.Queue;

// What a message shall survive.
public sealed partial class QueueAppender
{
    private DurableLog? _durable;

    /// <summary>Appends a message and says what it shall survive.</summary>
    /// <param name="payload">Its bytes; none are allowed.</param>
    /// <param name="durability">
    /// With <see cref="Durability.Every"/> the message is on the device when the call returns. With
    /// <see cref="Durability.GroupCommit()"/> it gets there soon, and <see cref="EstreamQueue.WaitDurableAsync"/> says when.
    /// With <see cref="Durability.PageCache"/> this is <see cref="Append(ReadOnlySpan{byte})"/>.
    /// </param>
    /// <returns>Its position.</returns>
    /// <exception cref="ArgumentException">It is longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">
    /// A new segment was needed and could not be made (disk full): nothing was appended. Or the device did not take what was written
    /// (<see cref="Core.StorageFailure.Device"/>): now, then the message is there but may not survive the machine; or before, then nothing
    /// was appended. From then on the queue takes nothing durable until all its users have closed it and it is opened again.
    /// </exception>
    /// <remarks>
    /// What is durable is durable with everything before it in the log, whoever appended that: <see cref="Durability.Every"/> waits for
    /// places before its own that other appenders have claimed and not yet committed. A group commit costs a few nanoseconds on top of an
    /// append; the flush is done by a thread of the queue, one flush for all that wait.
    /// </remarks>
    public long Append(ReadOnlySpan<byte> payload, Durability durability)
    {
        if (durability.Level == DurabilityLevel.PageCache)
        {
            return Append(payload);
        }

        RequireDurable(durability);
        long position = Append(payload);
        MakeDurable(position, payload.Length, durability);
        return position;
    }

    /// <summary>As <see cref="AppendBatch(ReadOnlySpan{byte}, ReadOnlySpan{int})"/>, and says what the batch shall survive: it does so as a
    /// whole.</summary>
    /// <param name="payloads">Their bytes, one behind the other.</param>
    /// <param name="lengths">The length of each. None: nothing is appended, and nothing flushed.</param>
    /// <param name="durability">As for <see cref="Append(ReadOnlySpan{byte}, Durability)"/>.</param>
    /// <returns>The position of the first; <see cref="NextPosition"/> when there is none.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the bytes, or the batch does not fit in a segment.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Append(ReadOnlySpan{byte}, Durability)"/>.</exception>
    public long AppendBatch(ReadOnlySpan<byte> payloads, ReadOnlySpan<int> lengths, Durability durability)
    {
        RequireDurable(durability);
        long position = AppendBatch(payloads, lengths);
        if (lengths.Length > 0)
        {
            MakeDurable(position, payloads.Length, durability);
        }

        return position;
    }

    /// <exception cref="Core.EstreamStorageException">A flush has failed, so nothing durable is taken any more.</exception>
    internal void RequireDurable(Durability durability)
    {
        if (durability.Level != DurabilityLevel.PageCache)
        {
            (_durable ??= _queue.DurableLog).ThrowIfFailed();
        }
    }

    /// <summary>Sees to it that a message, or a batch, gets to the device as was asked.</summary>
    internal void MakeDurable(long position, long bytes, Durability durability)
    {
        if (durability.Level == DurabilityLevel.Every)
        {
            _durable!.FlushThrough(position);
        }
        else if (durability.Level == DurabilityLevel.GroupCommit)
        {
            _durable!.Flusher.Request(position + bytes, durability);
        }
    }

    /// <summary>How many bytes of the log the open batch takes so far, and whether committing it appends anything.</summary>
    internal long BatchBytes(long ticket, out bool isEmpty)
    {
        OpenBatch batch = BatchOf(ticket);
        isEmpty = batch.Count == 0 && _consumed is null;
        return Math.Abs(batch.NextOffset - (_batchPosition % _queue.SegmentBytes));
    }
}
