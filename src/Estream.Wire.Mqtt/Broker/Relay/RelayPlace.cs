using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Where a session goes on in the relay. Who appends offers each message that may be for the session, in the order of the log; one
/// reader at a time reads from the first of them on, up to the end, and rests there until there is another.
/// </summary>
/// <remarks>
/// Nothing is missed: a reader first says that it rests and then looks once more, and who appends first shows the message and then looks
/// whether somebody rests; both steps are full fences.
/// </remarks>
internal sealed class RelayPlace
{
    /// <summary>The place of a session for which there is nothing in the relay.</summary>
    public const long Nothing = long.MaxValue;

    private long _waiting = Nothing;

    // The reader's own: the last message it has dealt with.
    private long _lastRead = -1;

    /// <summary>From where on the relay has to be kept for the session: its oldest message that was not read, or one before that.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>The last message that was dealt with; -1 before the first.</summary>
    public long LastRead => Volatile.Read(ref _lastRead);

    /// <summary>Goes on where an earlier process was; before the first message is offered.</summary>
    public void Restore(long lastRead)
    {
        Volatile.Write(ref _lastRead, lastRead);
    }

    /// <summary>A message that may be for the session. One that follows others which wait already needs no place of its own.</summary>
    public void Offer(long position)
    {
        Interlocked.CompareExchange(ref _waiting, position, Nothing);
    }

    /// <summary>Sends a reader to where the session goes on. There is something to read.</summary>
    public void GoOn(QueueTailer tailer)
    {
        long waiting = Waiting;
        if (waiting > _lastRead)
        {
            tailer.Seek(waiting);
            return;
        }

        // What was offered has been read already, together with what came before it.
        tailer.Seek(_lastRead);
        tailer.TryRead(out _);
    }

    /// <summary>The message at this position is dealt with.</summary>
    public void Passed(long position)
    {
        Volatile.Write(ref _lastRead, position);
    }

    /// <summary>The message at this position could not be dealt with yet: the session goes on with it.</summary>
    public void Stay(long position)
    {
        Interlocked.Exchange(ref _waiting, position);
    }

    /// <summary>At the end of the relay: rests, unless there is a message by now.</summary>
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

    /// <summary>Gives up what lies before a position: goes on with the first message from there on.</summary>
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

    /// <summary>Gives up what waits: the session goes on with the next message that is offered.</summary>
    public void Jump()
    {
        Interlocked.Exchange(ref _waiting, Nothing);
    }
}
