namespace Estream.Host.Remote;

/// <summary>Counts the stream subscriptions of all connections, for metrics. Thread-safe.</summary>
internal sealed class StreamTotals
{
    private long _open;
    private long _dropped;

    /// <summary>The open subscriptions.</summary>
    public long Open => Interlocked.Read(ref _open);

    /// <summary>The messages that subscriptions left out because of their rate or their credit.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Begin() => Interlocked.Increment(ref _open);

    public void End() => Interlocked.Decrement(ref _open);

    public void Drop(long count) => Interlocked.Add(ref _dropped, count);
}
