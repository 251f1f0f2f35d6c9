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

    /// <summary>Keeps where the message numbered <see cref="NextIncoming"/> will be in its queue, before it is appended there.</summary>
    void Announce(in FixAnnouncement announcement);

    /// <summary>
    /// Corrects <see cref="NextIncoming"/> after a crash. A message that was announced and appended, but not counted, counts. Messages that
    /// were counted and that a power cut has taken from their queue are expected again.
    /// </summary>
    /// <param name="queues">Knows what is in the queues since before this process appended to them.</param>
    void Reconcile(IFixQueues queues);

    /// <summary>Completes when everything written so far is as durable as the store promises; see <see
    /// cref="Queue.QueueOptions.IngressDurability"/>.</summary>
    ValueTask WaitDurableAsync(CancellationToken cancellation);

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

/// <summary>Where a message will be in its queue.</summary>
/// <param name="Queue">The name of the queue; empty for the dead letters.</param>
/// <param name="Position">Its position.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Run">A random number; the same as long as the process holds the queue.</param>
internal readonly record struct FixAnnouncement(string Queue, long Position, int Length, long Run);

/// <summary>What is in the queues of an adapter at its start.</summary>
internal interface IFixQueues
{
    /// <summary>Whether the message was appended.</summary>
    bool Has(in FixAnnouncement announcement);

    /// <summary>Whether the queue ended before the position of the message: a power cut has taken the message.</summary>
    bool HasLost(in FixAnnouncement announcement);
}

/// <summary>Takes something that a store keeps; valid until it returns.</summary>
/// <param name="isNote">Whether it is a note, and no message.</param>
/// <param name="content">The bytes.</param>
internal delegate void FixStoreEntry(bool isNote, ReadOnlySpan<byte> content);
