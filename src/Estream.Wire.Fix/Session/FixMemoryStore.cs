namespace Estream.Wire.Fix.Session;

/// <summary>A store in memory that keeps only the newest messages.</summary>
/// <param name="maxMessages">The maximum number of messages kept; older messages are resent as gaps.</param>
internal sealed class FixMemoryStore(int maxMessages) : IFixStore
{
    private readonly Dictionary<long, byte[]> _messages = [];

    public long NextOutgoing { get; private set; } = 1;

    public long NextIncoming { get; private set; } = 1;

    public long BeganAt { get; private set; }

    public void Append(ReadOnlySpan<byte> message)
    {
        _messages[NextOutgoing] = message.ToArray();
        _messages.Remove(NextOutgoing - maxMessages);
        NextOutgoing++;
    }

    public void Advance(long nextIncoming)
    {
        NextIncoming = nextIncoming;
    }

    public void Announce(in FixAnnouncement announcement)
    {
        // Not needed: without a journal, the session starts at 1 after a crash.
    }

    public void Reconcile(IFixQueues queues)
    {
        // There are no announcements of an earlier process.
    }

    public ValueTask WaitDurableAsync(CancellationToken cancellation) => default;

    public void Reset(long utcNanos)
    {
        _messages.Clear();
        BeganAt = utcNanos;
        NextOutgoing = 1;
        NextIncoming = 1;
    }

    public void Note(ReadOnlySpan<byte> note)
    {
        // Not needed: the caller keeps its notes in memory for the life of the process.
    }

    public void ReadAll(FixStoreEntry take)
    {
        // There is nothing from an earlier process.
    }

    public void Dispose()
    {
        // There is nothing to release.
    }

    public bool TryRead(long number, out ReadOnlySpan<byte> message)
    {
        bool isKept = _messages.TryGetValue(number, out byte[]? bytes);
        message = bytes;
        return isKept;
    }
}
