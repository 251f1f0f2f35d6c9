namespace Estream.Wire.Fix.Session;

/// <summary>What a session remembers beyond its connection: both numbers, and the messages it has sent. One session uses it at a
/// time.</summary>
internal interface IFixStore : IDisposable
{
    /// <summary>MsgSeqNum of the next message that is sent, from 1.</summary>
    long NextOutgoing { get; }

    /// <summary>MsgSeqNum of the next message that is expected, from 1.</summary>
    long NextIncoming { get; }

    /// <summary>When it began anew last, in nanoseconds since 1970-01-01 UTC; 0 where it never did.</summary>
    long BeganAt { get; }

    /// <summary>Keeps the message numbered <see cref="NextOutgoing"/>, which then is the next.</summary>
    void Append(ReadOnlySpan<byte> message);

    /// <summary>Says which message is expected next.</summary>
    void Advance(long nextIncoming);

    /// <summary>Begins anew: both numbers are 1, and no message is kept.</summary>
    /// <param name="utcNanos">Now, in nanoseconds since 1970-01-01 UTC.</param>
    void Reset(long utcNanos);

    /// <summary>A message that was sent. Valid until the next call.</summary>
    /// <returns>False where it is not kept any more; it is then filled as a gap.</returns>
    bool TryRead(long number, out ReadOnlySpan<byte> message);

    /// <summary>Keeps something beside the messages that outlives new beginnings; it has no number and is never sent.</summary>
    void Note(ReadOnlySpan<byte> note);

    /// <summary>Goes through what an earlier process has left: notes, and messages that were sent, in their order and over new
    /// beginnings.</summary>
    void ReadAll(FixStoreEntry take);
}

/// <summary>Takes something that a store keeps; valid until it returns.</summary>
/// <param name="isNote">Whether it is a note, and no message.</param>
/// <param name="content">The bytes.</param>
internal delegate void FixStoreEntry(bool isNote, ReadOnlySpan<byte> content);
