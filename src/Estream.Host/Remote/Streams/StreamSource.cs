using Estream.Core;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Queue;

namespace Estream.Host.Remote;

/// <summary>Takes a message. Returns false if the message must be read again later.</summary>
internal delegate bool MessageVisitor(in QueueMessage message);

/// <summary>A queue that a stream subscription reads, from its newest message on. Used by one task.</summary>
internal sealed class StreamSource : IDisposable
{
    // A seek costs as much as reading the headers of this many messages.
    private const int WorthSeeking = 4096;

    private const int MaxScanned = 4096;

    private readonly EsfMessageFilter[] _filters;

    /// <param name="owner">The queue.</param>
    /// <param name="filters">The filters, of which a message passes one; none for all messages.</param>
    /// <exception cref="EstreamException">The queue cannot be read.</exception>
    public StreamSource(QueueRuntime owner, IEnumerable<EsfMessageFilter> filters)
    {
        (Owner, _filters) = (owner, [.. filters]);
        Tailer = owner.Queue.CreateTailer();
        try
        {
            SeekToNewest();
        }
        catch
        {
            Tailer.Dispose();
            throw;
        }
    }

    public QueueRuntime Owner { get; }

    public QueueTailer Tailer { get; }

    /// <summary>The sequence number of the next message, or a smaller number.</summary>
    public long Next { get; private set; }

    /// <summary>Whether all messages of the queue are selected.</summary>
    public bool SelectsAll => _filters.Length == 0;

    /// <summary>The wait for the next message; null if the subscription does not wait.</summary>
    public Task<bool>? Waiting { get; set; }

    /// <summary>Returns the sequence number after the newest message. Reads only headers that no part of the host has read yet.</summary>
    public long FindEnd()
    {
        Owner.Watch.Advance();
        return Owner.Watch.Extent().NextSequence;
    }

    /// <summary>Moves forward to a message.</summary>
    /// <returns>The number of messages before it, with the numbers that shared appenders skipped.</returns>
    /// <exception cref="EstreamStorageException">Retention has deleted the message.</exception>
    public long SkipTo(long sequence)
    {
        long start = Next;
        if (sequence - start > WorthSeeking)
        {
            Seek(sequence);
        }

        Next = sequence;
        while (Tailer.TryPeek(out QueueMessage message))
        {
            if (message.Sequence >= sequence)
            {
                Next = message.Sequence;
                break;
            }

            _ = Tailer.TryRead(out _);
        }

        return Next - start;
    }

    /// <summary>Moves back to a message that was read.</summary>
    public void ReturnTo(long sequence, long position)
    {
        Tailer.Seek(position);
        Next = sequence;
    }

    /// <summary>Visits the messages that pass the filters. Reads at most a few thousand messages.</summary>
    /// <param name="end">The sequence number before which the visit ends.</param>
    /// <param name="visit">Takes a message.</param>
    /// <returns>Whether more messages before the end may follow.</returns>
    public bool Read(long end, MessageVisitor visit)
    {
        for (int scanned = 0; scanned < MaxScanned; scanned++)
        {
            if (!Tailer.TryPeek(out QueueMessage message) || message.Sequence >= end)
            {
                Next = Math.Max(Next, end);
                return false;
            }

            if (Passes(message.Payload) && !visit(message))
            {
                return true;
            }

            Next = message.Sequence + 1;
            _ = Tailer.TryRead(out _);
        }

        return Next < end;
    }

    public void Dispose() => Tailer.Dispose();

    private bool Passes(ReadOnlySpan<byte> message)
    {
        foreach (EsfMessageFilter filter in _filters)
        {
            if (filter.Matches(message))
            {
                return true;
            }
        }

        return SelectsAll;
    }

    private void Seek(long sequence)
    {
        // The checkpoints cover the newest messages, and cost less than a search in the segments.
        if (Owner.Watch.Extent().NextSequence - sequence <= QueueView.MostLookedAt && Owner.Watch.TryFind(sequence, out long position))
        {
            Tailer.Seek(position);
        }
        else
        {
            Tailer.SeekToSequence(sequence);
        }
    }

    private void SeekToNewest()
    {
        Next = Math.Max(0, FindEnd() - 1);
        try
        {
            Tailer.SeekToSequence(Next);
        }
        catch (Exception gone) when (gone is ArgumentException or EstreamStorageException { Reason: StorageFailure.NotFound })
        {
            // The queue has no message, or retention has deleted the newest one.
            Tailer.SeekToEnd();
        }
    }
}
