namespace Estream.Wire.Fix.Session;

/// <summary>Remembers for as long as the process lives, and only the newest messages.</summary>
/// <param name="maxMessages">Messages kept; of older ones the numbers remain.</param>
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
        // Of no use without a journal: after a crash the session begins at 1.
    }

    public void Reconcile(IFixQueues queues)
    {
        // Nothing was announced by an earlier process.
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
        // Whoever notes something knows it for as long as the process lives.
    }

    public void ReadAll(FixStoreEntry take)
    {
        // No earlier process has left anything.
    }

    public void Dispose()
    {
        // Nothing is held beyond memory.
    }

    public bool TryRead(long number, out ReadOnlySpan<byte> message)
    {
        bool isKept = _messages.TryGetValue(number, out byte[]? bytes);
        message = bytes;
        return isKept;
    }
}
