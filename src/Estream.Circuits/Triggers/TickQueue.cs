using Estream.Queue;

namespace Estream.Circuits.Triggers;

/// <summary>The queue of a timer. Nobody else appends to it while this is open, in any process; what is in it is all that the timer
/// remembers. Not thread-safe.</summary>
internal sealed class TickQueue : IDisposable
{
    // So far back the last tick is looked for: another user of the queue may have left messages or gaps behind it.
    private const int LookBack = 1_024;

    private readonly QueueAppender _appender;
    private readonly byte[] _message = new byte[TickMessage.Length];

    /// <param name="queue">The queue.</param>
    /// <exception cref="Core.EstreamException">Somebody else appends to it, or it cannot be read or written.</exception>
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

    /// <summary>The due time of the last tick; null where there is none.</summary>
    public long? LastDue { get; }

    /// <summary>Appends a tick.</summary>
    /// <exception cref="Core.EstreamException">There is no room for it, or the queue cannot be written: nothing was appended.</exception>
    public void Append(long at, long missed)
    {
        TickMessage.Write(at, _appender.NextSequence, missed, _message);
        _ = _appender.Append(_message);
    }

    public void Dispose() => _appender.Dispose();

    private long? FindLast(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();

        // From here on retention gives nothing up until the tailer is further.
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
