namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>A subscription and its items.</summary>
internal sealed record MonitorOptions
{
    public required IReadOnlyList<MonitoredNode> Items { get; init; }

    public int PublishingIntervalMs { get; init; } = 1_000;

    /// <summary>The time without values after which the server shows that it still publishes.</summary>
    public int KeepAliveMs { get; init; } = 10_000;

    /// <summary>The time that the server keeps the subscription, and its messages, without a connection.</summary>
    public int LifetimeMs { get; init; } = 600_000;

    /// <summary>The Publish requests under way.</summary>
    public int PublishRequests { get; init; } = 3;

    /// <summary>The maximum number of values in a notification message.</summary>
    public int MaxNotifications { get; init; } = 10_000;

    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    public uint KeepAliveCount => (uint)Math.Clamp(KeepAliveMs / Math.Max(1, PublishingIntervalMs), 1, 10_000);

    // Part 4, 5.14.2: at least three times the keep-alive count.
    public uint LifetimeCount => (uint)Math.Clamp(LifetimeMs / Math.Max(1, PublishingIntervalMs), 3 * KeepAliveCount, 10_000_000);
}

/// <summary>A node to monitor.</summary>
/// <param name="Node">The text form of its identifier; nsu=URI names its namespace.</param>
/// <param name="SamplingMs">The time between samples; -1 for the publishing interval, 0 for as fast as possible.</param>
/// <param name="QueueSize">The values that the server keeps between two notifications.</param>
/// <param name="DiscardOldest">Whether a full queue drops its oldest value, not its newest.</param>
/// <param name="Deadband">Smaller changes are not reported; 0 for every change.</param>
internal sealed record MonitoredNode(
    string Node, double SamplingMs = -1, int QueueSize = 10, bool DiscardOldest = true, double Deadband = 0);

/// <summary>Receives what a subscription delivers. Calls come one after the other.</summary>
internal interface IMonitorObserver
{
    /// <summary>Stores the values of a notification message. The message is acknowledged after this task.</summary>
    /// <param name="notificationData">The encoded array of notifications (Part 4, 7.26).</param>
    /// <param name="receivedAt">Nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="cancellation">Ends the wait for a queue that cannot be written.</param>
    ValueTask StoreAsync(ReadOnlyMemory<byte> notificationData, long receivedAt, CancellationToken cancellation);

    /// <summary>Stores the value of an item, which was read because notifications were lost.</summary>
    ValueTask StoreAsync(int item, ReadOnlyMemory<byte> dataValue, long receivedAt, CancellationToken cancellation);

    /// <summary>Records lost notification messages.</summary>
    ValueTask OnGapAsync(MonitorGap gap, CancellationToken cancellation);

    /// <summary>The subscription works. Called before its first message.</summary>
    ValueTask OnConnectedAsync(bool isAgain, CancellationToken cancellation);

    ValueTask OnDisconnectedAsync(string? reason, CancellationToken cancellation);

    void OnConnectFailed(Exception failure);

    /// <summary>The server monitors all items of a new subscription except these.</summary>
    ValueTask OnItemsRefusedAsync(IReadOnlyList<(int Item, UaStatus Status)> refused, CancellationToken cancellation);
}

/// <summary>Notification messages that cannot be delivered.</summary>
/// <param name="Subscription">The subscription at the server; 0 if the messages of an earlier run are lost.</param>
/// <param name="First">The first lost sequence number; 0 if the messages of an earlier run are lost.</param>
/// <param name="Last">The last lost sequence number; null if the subscription was lost, so that the number is unknown.</param>
/// <param name="LastReceivedAt">When the last message before the gap arrived; 0 if there was none.</param>
/// <param name="Reason">Why the messages are lost.</param>
internal sealed record MonitorGap(uint Subscription, uint First, uint? Last, long LastReceivedAt, string Reason);
