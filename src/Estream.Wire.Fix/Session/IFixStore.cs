namespace Estream.Wire.Fix.Session;

/// <summary>Stores a session's state across connections: both sequence numbers and the sent messages. Used by one session at a
/// time.</summary>
internal interface IFixStore : IDisposable
{
    /// <summary>MsgSeqNum of the next message to send, from 1.</summary>
    long NextOutgoing { get; }

    /// <summary>MsgSeqNum of the next expected message, from 1.</summary>
    long NextIncoming { get; }

    /// <summary>The time of the last sequence reset, in nanoseconds since 1970-01-01 UTC; 0 if there was none.</summary>
    long BeganAt { get; }

    /// <summary>Stores the message numbered <see cref="NextOutgoing"/>, and increments that number.</summary>
    void Append(ReadOnlySpan<byte> message);

    /// <summary>Sets the MsgSeqNum of the next expected message.</summary>
    void Advance(long nextIncoming);

    /// <summary>Records the queue position of the message numbered <see cref="NextIncoming"/> before it is appended there.</summary>
    void Announce(in FixAnnouncement announcement);

    /// <summary>Corrects <see cref="NextIncoming"/> after a crash. A message that was announced and appended but not counted is counted.
    /// Messages that were counted but lost from their queue in a power cut are expected again.</summary>
    /// <param name="queues">Tells which messages the queues contained before this process appended to them.</param>
    void Reconcile(IFixQueues queues);

    /// <summary>Completes when everything written so far has the durability that the store guarantees; see
    /// <see cref="Queue.QueueOptions.IngressDurability"/>.</summary>
    ValueTask WaitDurableAsync(CancellationToken cancellation);

    /// <summary>Resets both sequence numbers to 1; stored messages can no longer be read.</summary>
    /// <param name="utcNanos">The current time in nanoseconds since 1970-01-01 UTC.</param>
    void Reset(long utcNanos);

    /// <summary>Reads a sent message. Valid until the next call.</summary>
    /// <returns>False if the message is no longer kept; it is then resent as a gap.</returns>
    bool TryRead(long number, out ReadOnlySpan<byte> message);

    /// <summary>Stores a note that survives sequence resets. A note has no MsgSeqNum and is never sent.</summary>
    void Note(ReadOnlySpan<byte> note);

    /// <summary>Reads all notes and sent messages of earlier processes in order, across sequence resets.</summary>
    void ReadAll(FixStoreEntry take);
}

/// <summary>The position that a message will have in its queue.</summary>
/// <param name="Queue">The name of the queue; empty for the dead letters.</param>
/// <param name="Position">The position.</param>
/// <param name="Length">The length of the message in bytes.</param>
/// <param name="Run">A random number that stays the same while the process holds the queue.</param>
internal readonly record struct FixAnnouncement(string Queue, long Position, int Length, long Run);

/// <summary>Tells which messages the queues of an adapter contain at the start of the adapter.</summary>
internal interface IFixQueues
{
    /// <summary>Whether the message was appended.</summary>
    bool Has(in FixAnnouncement announcement);

    /// <summary>Whether the queue ended before the position of the message, that is, a power cut has lost the message.</summary>
    bool HasLost(in FixAnnouncement announcement);
}

/// <summary>Receives an entry of a store; the content is valid during the call.</summary>
/// <param name="isNote">Whether the entry is a note instead of a message.</param>
/// <param name="content">The bytes.</param>
internal delegate void FixStoreEntry(bool isNote, ReadOnlySpan<byte> content);
