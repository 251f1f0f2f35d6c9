using Estream.Queue;

namespace Estream.Circuits.Triggers;

/// <summary>The queue of a timer, which is the only state of the timer. While it is open, no other appender in any process can write to the
/// queue. Not thread-safe.</summary>
internal sealed class TickQueue : IDisposable
{
    // How many messages are searched for the last tick: another writer of the queue may have left messages or gaps after it.
    private const int LookBack = 1_024;

    private readonly QueueAppender _appender;
    private readonly byte[] _message = new byte[TickMessage.Length];

    /// <param name="queue">The queue.</param>
    /// <exception cref="Core.EstreamException">Another appender has the queue open, or the queue cannot be read or written.</exception>
    public TickQueue(EstreamQueue queue)
    {
        Directory = queue.Directory;
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        try
        {
            LastDue = FindLast(queue);
        }
        catch
        {
            _appender.Dispose();
            throw;
        }
    }

    public string Directory { get; }

    /// <summary>The due time of the last tick; null if there is none.</summary>
    public long? LastDue { get; }

    /// <summary>Appends a tick.</summary>
    /// <exception cref="Core.EstreamException">The disk is full, or the queue cannot be written. Nothing was appended.</exception>
    public void Append(long at, long missed)
    {
        TickMessage.Write(at, _appender.NextSequence, missed, _message);
        _ = _appender.Append(_message);
    }

    public void Dispose() => _appender.Dispose();

    private long? FindLast(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();

        // From here on retention reclaims nothing until the tailer advances.
        tailer.SeekToStart();
        if (!tailer.TryPeek(out QueueMessage oldest))
        {
            return null;
        }

        tailer.SeekToSequence(Math.Max(oldest.Sequence, _appender.NextSequence - LookBack));
        long? last = null;
        while (tailer.TryRead(out QueueMessage message))
        {
            last = TickMessage.TryRead(message.Payload, out long at) ? at : last;
        }

        return last;
    }
}
