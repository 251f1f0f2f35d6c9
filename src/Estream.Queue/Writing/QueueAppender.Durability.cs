using System.Runtime.CompilerServices;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Appends with a durability.
public sealed partial class QueueAppender
{
    private DurableLog? _durable;

    /// <summary>Appends a message with the given durability.</summary>
    /// <param name="payload">The message bytes; may be empty.</param>
    /// <param name="durability">
    /// With <see cref="Durability.Every"/> the message is durable when the call returns. With <see cref="Durability.GroupCommit()"/> it
    /// becomes durable soon; <see cref="EstreamQueue.WaitDurableAsync"/> tells when. With <see cref="Durability.PageCache"/> this equals
    /// <see cref="Append(ReadOnlySpan{byte})"/>.
    /// </param>
    /// <returns>The position of the message.</returns>
    /// <exception cref="ArgumentException">The message is longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">
    /// A new segment was needed and could not be created (disk full): nothing was appended. Or a flush failed (<see
    /// cref="Core.StorageFailure.Device"/>): after a failed flush of this message, the message is published but may not survive a power
    /// cut; after an earlier failed flush, nothing was appended. After a failed flush the queue refuses durable appends until all its users
    /// have closed it and it is opened again.
    /// </exception>
    /// <remarks>
    /// A durable message is durable together with everything before it in the log, by any appender: <see cref="Durability.Every"/> waits
    /// for earlier claims of other appenders to be committed. A group commit costs a few nanoseconds more than an append; a thread of the
    /// queue flushes, once for all waiters.
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

    /// <summary>
    /// Appends a batch as <see cref="AppendBatch(ReadOnlySpan{byte}, ReadOnlySpan{int})"/> with the given durability, which holds for the
    /// whole batch.
    /// </summary>
    /// <param name="payloads">The message bytes, concatenated.</param>
    /// <param name="lengths">The length of each message. If empty, nothing is appended or flushed.</param>
    /// <param name="durability">As for <see cref="Append(ReadOnlySpan{byte}, Durability)"/>.</param>
    /// <returns>The position of the first message; <see cref="NextPosition"/> if there is none.</returns>
    /// <exception cref="ArgumentException">The lengths do not add up to the bytes, or the batch does not fit in a segment.</exception>
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

    /// <summary>Appends a message and completes when it is as durable as demanded.</summary>
    /// <param name="payload">The message bytes; may be empty. Copied before the call returns.</param>
    /// <param name="durability">With <see cref="Durability.Quorum"/> the result completes when a quorum of machines has the message; with
    /// <see cref="Durability.QuorumAndFlush"/> when it is flushed as well; with <see cref="Durability.GroupCommit()"/> when it is flushed;
    /// with the others at once.</param>
    /// <param name="cancellation">Cancels the wait. The message stays appended.</param>
    /// <returns>The position of the message. Await the result once.</returns>
    /// <exception cref="ArgumentException">The message is longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open, or the queue has no replicator (<see
    /// cref="EstreamQueue.OpenQuorum"/>).</exception>
    /// <exception cref="Core.EstreamException">As for <see cref="Append(ReadOnlySpan{byte}, Durability)"/> and <see
    /// cref="EstreamQueue.WaitQuorumAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>The appender may append further messages while the result is not complete. Allocates nothing in steady state.</remarks>
    public ValueTask<long> AppendAsync(ReadOnlySpan<byte> payload, Durability durability, CancellationToken cancellation = default)
    {
        long position = Append(payload, durability);
        ValueTask wait = durability.Level switch
        {
            DurabilityLevel.Quorum => _queue.WaitQuorumAsync(position, cancellation),
            DurabilityLevel.QuorumAndFlush => _queue.WaitQuorumAndFlushAsync(position, cancellation),
            DurabilityLevel.GroupCommit => _queue.WaitFlushedAsync(position, cancellation),
            _ => default,
        };
        return wait.IsCompletedSuccessfully ? Completed(wait, position) : CompleteAsync(wait, position);
    }

    private static ValueTask<long> Completed(ValueTask wait, long position)
    {
        // A pooled source returns to its pool when its result is taken.
        wait.GetAwaiter().GetResult();
        return new ValueTask<long>(position);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<long> CompleteAsync(ValueTask wait, long position)
    {
        await wait.ConfigureAwait(false);
        return position;
    }

    /// <exception cref="Core.EstreamException">A flush has failed or another machine has taken over, so durable appends are
    /// refused.</exception>
    internal void RequireDurable(Durability durability)
    {
        if (durability.NeedsQuorum)
        {
            _queue.RequireQuorum().ThrowIfFailed();
        }

        if (durability.NeedsFlush)
        {
            (_durable ??= _queue.DurableLog).ThrowIfFailed();
        }
    }

    /// <summary>Flushes a message or batch, or requests its flush, as the durability demands.</summary>
    internal void MakeDurable(long position, long bytes, Durability durability)
    {
        if (durability.Level == DurabilityLevel.Every)
        {
            _durable!.FlushThrough(position);
        }
        else if (durability.NeedsFlush)
        {
            _durable!.Flusher.Request(position + bytes, durability);
        }
    }

    /// <summary>The number of bytes of the open batch in the log, and whether committing it appends nothing.</summary>
    internal long BatchBytes(long ticket, out bool isEmpty)
    {
        OpenBatch batch = BatchOf(ticket);
        isEmpty = batch.Count == 0 && _consumed is null;
        return Math.Abs(batch.NextOffset - (_batchPosition % _queue.SegmentBytes));
    }
}
