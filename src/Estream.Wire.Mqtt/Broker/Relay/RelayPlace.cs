using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The position of a session in the relay. An appender offers each message that may be for the session, in the order of the log. One reader
/// at a time reads from the first offered message to the end, and rests there until another is offered.
/// </summary>
/// <remarks>
/// No message is missed: the reader first marks itself as resting and then checks for a message; the appender first publishes the message
/// and then checks whether the reader rests. Both steps are full fences.
/// </remarks>
internal sealed class RelayPlace
{
    /// <summary>The position of a session for which nothing is pending in the relay.</summary>
    public const long Nothing = long.MaxValue;

    private long _waiting = Nothing;

    // Written only by the reader: the position of the last message it has handled.
    private long _lastRead = -1;

    /// <summary>The oldest position the session needs: the position of its oldest unread message, or an earlier position.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>The position of the last handled message; -1 before the first.</summary>
    public long LastRead => Volatile.Read(ref _lastRead);

    /// <summary>Restores the position of an earlier process, before the first message is offered.</summary>
    public void Restore(long lastRead)
    {
        Volatile.Write(ref _lastRead, lastRead);
    }

    /// <summary>Offers a message that may be for the session. Does nothing if earlier messages are already pending.</summary>
    public void Offer(long position)
    {
        Interlocked.CompareExchange(ref _waiting, position, Nothing);
    }

    /// <summary>Moves a tailer to the first message to read. A message must be pending.</summary>
    public void GoOn(QueueTailer tailer)
    {
        long waiting = Waiting;
        if (waiting > _lastRead)
        {
            tailer.Seek(waiting);
            return;
        }

        // The offered message and all messages before it were already read.
        tailer.Seek(_lastRead);
        tailer.TryRead(out _);
    }

    /// <summary>Marks the message at this position as handled.</summary>
    public void Passed(long position)
    {
        Volatile.Write(ref _lastRead, position);
    }

    /// <summary>Keeps the message at this position pending, because it could not be handled yet.</summary>
    public void Stay(long position)
    {
        Interlocked.Exchange(ref _waiting, position);
    }

    /// <summary>Rests at the end of the relay, unless a message has arrived meanwhile.</summary>
    public bool TryRest(QueueTailer tailer)
    {
        Interlocked.Exchange(ref _waiting, Nothing);
        if (!tailer.TryPeek(out QueueMessage next))
        {
            return true;
        }

        Stay(next.Position);
        return false;
    }

    /// <summary>Skips the messages before a position.</summary>
    public void Skip(QueueTailer tailer, long limit)
    {
        GoOn(tailer);
        while (true)
        {
            if (!tailer.TryRead(out QueueMessage message))
            {
                if (TryRest(tailer))
                {
                    return;
                }
            }
            else if (message.Position < limit)
            {
                Passed(message.Position);
            }
            else
            {
                Stay(message.Position);
                return;
            }
        }
    }

    /// <summary>Skips all pending messages. The session continues with the next message that is offered.</summary>
    public void Jump()
    {
        Interlocked.Exchange(ref _waiting, Nothing);
    }
}
