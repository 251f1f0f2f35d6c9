namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>How far the messages of a subscription are stored. Not thread-safe.</summary>
internal sealed class SubscriptionState
{
    private readonly List<uint> _unacknowledged = [];

    /// <summary>The identifier at the server; 0 before there is one.</summary>
    public uint Id { get; private set; }

    /// <summary>The sequence number of the last stored message; 0 before the first.</summary>
    public uint Last { get; set; }

    /// <summary>When the last stored message arrived.</summary>
    public long LastReceivedAt { get; set; }

    public int KeepAliveMs { get; private set; }

    /// <summary>Stored messages that the server does not know to be stored.</summary>
    public List<uint> Unacknowledged => _unacknowledged;

    /// <summary>The number that follows a number: 1 after the largest (Part 4, 7.9).</summary>
    public static uint Next(uint sequence) => sequence == uint.MaxValue ? 1 : sequence + 1;

    /// <summary>Begins with a new subscription.</summary>
    public void Begin(uint id, int keepAliveMs)
    {
        (Id, Last, KeepAliveMs) = (id, 0, keepAliveMs);
        _unacknowledged.Clear();
    }

    public void Forget() => Begin(0, 0);

    /// <summary>Notes a stored message.</summary>
    public void Store(uint sequence, long receivedAt)
    {
        (Last, LastReceivedAt) = (sequence, receivedAt);
        _unacknowledged.Add(sequence);
    }

    /// <summary>The distance from the last stored message: 1 for the next; 0 and less for one that is stored.</summary>
    public int Distance(uint sequence) => unchecked((int)(sequence - Last));
}
