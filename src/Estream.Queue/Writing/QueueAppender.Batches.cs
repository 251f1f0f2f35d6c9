using Estream.Queue.Internal;

namespace Estream.Queue;

// Batches: several messages that become visible together.
public sealed partial class QueueAppender
{
    private OpenBatch? _batch;
    private bool _batchOpen;
    private long _batchPosition;
    private QueueTailer? _consumed;

    /// <summary>Appends messages that become visible together or not at all, even if this process crashes during the call.</summary>
    /// <param name="payloads">The message bytes, concatenated.</param>
    /// <param name="lengths">The length of each message. If empty, nothing is appended.</param>
    /// <returns>The position of the first message; <see cref="NextPosition"/> if there is none.</returns>
    /// <exception cref="ArgumentException">The lengths do not add up to the bytes, or the batch does not fit in a segment.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was appended;
    /// try again later.</exception>
    /// <remarks>Costs as much as single appends; in <see cref="AppenderMode.Shared"/> one atomic addition for all. Allocates
    /// nothing.</remarks>
    public long AppendBatch(ReadOnlySpan<byte> payloads, ReadOnlySpan<int> lengths)
    {
        long sum = 0;
        foreach (int length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            sum += length;
        }

        if (sum != payloads.Length)
        {
            throw new ArgumentException($"The lengths add up to {sum}, but the payloads have {payloads.Length} bytes.", nameof(lengths));
        }

        if (lengths.Length == 0)
        {
            return NextPosition;
        }

        using BatchClaim batch = ClaimBatch(payloads.Length, lengths.Length);
        foreach (int length in lengths)
        {
            batch.Append(payloads[..length]);
            payloads = payloads[length..];
        }

        batch.Commit();
        return batch.Position;
    }

    /// <summary>Appends messages that become visible together or not at all, even if this process crashes during the call.</summary>
    /// <param name="messages">The bytes of each message. If empty, nothing is appended.</param>
    /// <returns>The position of the first message; <see cref="NextPosition"/> if there is none.</returns>
    /// <exception cref="ArgumentException">The batch does not fit in a segment.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was appended;
    /// try again later.</exception>
    public long AppendBatch(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        long sum = 0;
        foreach (ReadOnlyMemory<byte> message in messages)
        {
            sum += message.Length;
        }

        if (messages.Length == 0)
        {
            return NextPosition;
        }

        using BatchClaim batch = ClaimBatch((int)Math.Min(sum, int.MaxValue), messages.Length);
        foreach (ReadOnlyMemory<byte> message in messages)
        {
            batch.Append(message.Span);
        }

        batch.Commit();
        return batch.Position;
    }

    /// <summary>
    /// Claims space for several messages, written in place and published together. One claim at a time; dispose it before the next call.
    /// </summary>
    /// <param name="maxBytes">The maximum total length of the messages in bytes.</param>
    /// <param name="maxMessages">The maximum number of messages, at least 1.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or such a batch does not fit in a segment.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed;
    /// try again later.</exception>
    public BatchClaim ClaimBatch(int maxBytes, int maxMessages) => ClaimBatch(maxBytes, maxMessages, transactional: null, consumed: null);

    /// <summary>
    /// Claims space for output computed from messages of a tailer. The commit publishes the output and, in the same step, marks every
    /// message that the tailer has read as consumed. After a crash at any moment, the next process loses and repeats none of them.
    /// </summary>
    /// <param name="maxBytes">The maximum total length of the messages in bytes.</param>
    /// <param name="maxMessages">The maximum number of messages, at least 1. A batch without messages may be committed.</param>
    /// <param name="consumed">A tailer made with <see cref="EstreamQueue.CreateTailer(string, EstreamQueue)"/> for the queue of this
    /// appender.</param>
    /// <exception cref="ArgumentException">An argument is out of range, such a batch does not fit in a segment, or the tailer was not made
    /// for this queue.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="Core.EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed;
    /// try again later.</exception>
    public BatchClaim ClaimBatch(int maxBytes, int maxMessages, QueueTailer consumed)
    {
        ArgumentNullException.ThrowIfNull(consumed);
        if (consumed.TransactionalConsumer is not { } transactional || transactional.Output.Files.QueueId != _queue.Files.QueueId)
        {
            throw new ArgumentException(
                $"The tailer does not commit through queue '{_queue.Directory}'. Make it with CreateTailer(name, output).",
                nameof(consumed));
        }

        return ClaimBatch(maxBytes, maxMessages, transactional, consumed);
    }

    private BatchClaim ClaimBatch(int maxBytes, int maxMessages, TransactionalConsumer? transactional, QueueTailer? consumed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        long reserve = transactional is null ? 0 : FrameLayout.Stride(ConsumerOffsetFrame.Bytes(transactional.Name));
        long stride = OpenBatch.StrideOf(maxBytes, maxMessages) + reserve;
        if (stride - FrameLayout.HeaderBytes > _queue.MaxMessageBytes)
        {
            throw new ArgumentException(
                $"A batch of {maxBytes} bytes in {maxMessages} messages takes {stride} bytes of a segment; queue '{_queue.Directory}' has "
                + "room for "
                + $"{_queue.MaxMessageBytes + FrameLayout.HeaderBytes}. Make smaller batches, or create the queue with larger "
                + "SegmentBytes.", nameof(maxBytes));
        }

        ReadClock();
        _batch ??= new OpenBatch();
        long position = _strategy.Claim(stride, reserve, maxMessages, _batch);
        _batchOpen = true;
        _batchPosition = position;
        _consumed = consumed;
        return new BatchClaim(this, position, OpenClaim());
    }

    internal OpenBatch BatchOf(long ticket) =>
        _claimOpen && _batchOpen && ticket == _claimTicket
            ? _batch!
            : throw new InvalidOperationException(
                "This batch is not open any more: it was committed or disposed, or its appender was. Claim again.");

    internal void AddToBatch(long ticket, int length)
    {
        OpenBatch batch = BatchOf(ticket);
        if (batch.IsFull)
        {
            throw new InvalidOperationException($"All {batch.Count} messages that were claimed are in the batch. Claim more.");
        }

        batch.Add(length);
    }

    internal void CommitBatch(long ticket)
    {
        OpenBatch batch = BatchOf(ticket);
        QueueTailer? consumed = _consumed;
        if (batch.Count == 0 && consumed is null)
        {
            AbortClaim(ticket);
            return;
        }

        if (consumed is not null)
        {
            TransactionalConsumer transactional = consumed.TransactionalConsumer
                ?? throw new InvalidOperationException("The tailer whose messages this batch consumes was disposed. Dispose the batch.");
            transactional.RequireOwner?.Invoke();
            batch.AddConsumerOffset(transactional, consumed.Position);
        }

        _ = TryCloseClaim(ticket);
        batch.Complete();
        _strategy.Commit(batch);
        consumed?.TransactionalConsumer?.Defer(consumed.Position);
    }

    /// <summary>Stores the offset of the last committed batch in the cursor. Until then it is found in the output.</summary>
    internal void StoreConsumedOffset()
    {
        _consumed?.TransactionalConsumer?.Store(_consumed.Position, _batchPosition);
        _consumed = null;
    }
}
