namespace Estream.Net.Feeds;

/// <summary>Receives the messages of a <see cref="FeedArbiter"/>: each once, in the order of their sequence numbers.</summary>
/// <remarks>Called by the thread that calls the arbiter. A handler must not call the arbiter. An exception passes to the caller of the
/// arbiter; the message of this call counts as delivered.</remarks>
public interface IFeedHandler
{
    /// <summary>Receives a message.</summary>
    /// <param name="message">The message, valid until this method returns.</param>
    void OnMessage(in FeedMessage message);

    /// <summary>Decides about messages that no feed has delivered in time.</summary>
    /// <param name="gap">The missing messages.</param>
    FeedGapAction OnGap(in FeedGap gap);

    /// <summary>Called before the first message of a session. State of an earlier session is obsolete, including a requested
    /// snapshot.</summary>
    /// <param name="session">The session.</param>
    void OnSession(UInt128 session)
    {
    }

    /// <summary>Called after the last message of a session.</summary>
    /// <param name="session">The session.</param>
    void OnEnd(UInt128 session)
    {
    }
}

/// <summary>A message of a feed.</summary>
public readonly ref struct FeedMessage
{
    internal FeedMessage(long sequence, int feed, ReadOnlySpan<byte> payload)
    {
        (Sequence, Feed) = (sequence, feed);
        Payload = payload;
    }

    /// <summary>The sequence number.</summary>
    public long Sequence { get; }

    /// <summary>The feed that delivered the message first.</summary>
    public int Feed { get; }

    /// <summary>The bytes; may be empty. UDP does not authenticate them: treat them as hostile.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}

/// <summary>Consecutive messages that no feed has delivered within <see cref="FeedArbiterOptions.GapTimeout"/>.</summary>
/// <param name="First">The sequence number of the first missing message.</param>
/// <param name="Count">The number of missing messages.</param>
public readonly record struct FeedGap(long First, long Count);

/// <summary>The decision of a handler about missing messages.</summary>
public enum FeedGapAction
{
    /// <summary>Keep the following messages until <see cref="FeedArbiter.TryResume"/> names a snapshot that contains the missing
    /// messages.</summary>
    WaitForSnapshot,

    /// <summary>Continue after the missing messages.</summary>
    Skip,
}
