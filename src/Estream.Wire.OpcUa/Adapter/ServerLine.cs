using Estream.Core;
using Estream.Opcua;
using Estream.Wire.OpcUa.Monitoring;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>One server of the adapter: its monitored connection, and the store of its values and events.</summary>
internal sealed class ServerLine : IMonitorObserver, IDisposable
{
    private const string NoCause = "the cause is unknown";

    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(2);

    private readonly int _index;
    private readonly IReadOnlyList<AdapterItem> _items;
    private readonly ItemStore _store;
    private readonly MonitorCounters _counters;
    private readonly AdapterEventLog _events;
    private readonly IClock _clock;
    private int _refusedItems;
    private long _notifications;
    private long _gaps;
    private long _lastAt;
    private CancellationToken _search;
    private Task _earlierGap = Task.CompletedTask;

    public ServerLine(
        OpcUaAdapterOptions options, int index, IReadOnlyList<AdapterItem> items, ItemStore store, MonitorCounters counters,
        AdapterEventLog events, IClock clock)
    {
        (_index, _items, _store, _counters, _events, _clock) = (index, items, store, counters, events, clock);
        Options = options.Servers[index];
        Connection = new MonitoredConnection(
            Options.Client,
            new MonitorOptions
            {
                Items = [.. items.Select(item => new MonitoredNode(
                    item.Options.Node, item.Options.SamplingMs, item.Options.QueueSize, item.Options.DiscardOldest,
                    item.Options.Deadband))],
                PublishingIntervalMs = Options.PublishingIntervalMs,
                KeepAliveMs = Options.KeepAliveMs,
                LifetimeMs = Options.LifetimeMs,
                PublishRequests = Options.PublishRequests,
                ReconnectInitial = options.ReconnectInitial,
                ReconnectMax = options.ReconnectMax,
            },
            this,
            clock);
    }

    public OpcUaServerOptions Options { get; }

    public MonitoredConnection Connection { get; }

    /// <summary>Returns the time when an earlier run stored its last value, in nanoseconds since 1970-01-01 UTC; 0 if the time is unknown;
    /// null if there was no earlier run. The first connection calls the function, and records a gap since this time. Cancellation of
    /// the search in <see cref="RunAsync"/> may end the function early. Set the property before the start.</summary>
    public Func<Task<long?>>? FindStoredAsync { get; set; }

    /// <summary>The number of items that the server does not monitor.</summary>
    public int RefusedItems => Volatile.Read(ref _refusedItems);

    /// <summary>The state of the server.</summary>
    public DeviceStatus Status
    {
        get
        {
            HealthStatus health = !Connection.IsConnected
                ? HealthStatus.Unhealthy(Connection.Failure ?? "The server is not connected yet.")
                : RefusedItems > 0 ? HealthStatus.Degraded($"{RefusedItems} of {_items.Count} items are not monitored.")
                : HealthStatus.Healthy($"{_items.Count} items are monitored.");
            return new DeviceStatus(Options.Name, Options.Client.Url, health, Interlocked.Read(ref _notifications),
                Interlocked.Read(ref _gaps), Interlocked.Read(ref _lastAt));
        }
    }

    /// <summary>Runs until cancelled, or until a queue fails.</summary>
    /// <param name="search">Cancels the search for earlier runs. A line cancels the search when the line ends, because the adapter then
    /// ends too.</param>
    /// <param name="cancellation">Ends the line.</param>
    /// <exception cref="EstreamStorageException">A flush of a queue failed.</exception>
    public async Task RunAsync(CancellationTokenSource search, CancellationToken cancellation)
    {
        _search = search.Token;
        try
        {
            await Connection.RunAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            await search.CancelAsync().ConfigureAwait(false);
            await _earlierGap.ConfigureAwait(false);
        }
    }

    public void Dispose() => _store.Dispose();

    async ValueTask IMonitorObserver.StoreAsync(
        ReadOnlyMemory<byte> notificationData, long receivedAt, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _notifications);
        Interlocked.Exchange(ref _lastAt, receivedAt);
        int lost = await _store.StoreAsync(notificationData, receivedAt, cancellation).ConfigureAwait(false);
        if (lost > 0)
        {
            _counters.Gap();
            _events.Report(AdapterEventKind.Degraded, $"{Options.Name}: {lost} values cannot be decoded, and are lost.");
        }
    }

    ValueTask IMonitorObserver.StoreAsync(int item, ReadOnlyMemory<byte> dataValue, long receivedAt, CancellationToken cancellation) =>
        _store.StoreAsync(item, dataValue, receivedAt, cancellation);

    ValueTask IMonitorObserver.OnGapAsync(MonitorGap gap, CancellationToken cancellation) =>
        StoreGapAsync(gap, _clock.UtcNanos, cancellation);

    private ValueTask StoreGapAsync(MonitorGap gap, long occurredAt, CancellationToken cancellation)
    {
        _counters.Gap();
        Interlocked.Increment(ref _gaps);
        string missing = gap.First == 0 ? "since the last run may be"
            : gap.Last is { } last ? $"{gap.First} to {last} are" : $"from {gap.First} on are";
        _events.Report(AdapterEventKind.Degraded, $"{Options.Name}: notification messages {missing} lost: {gap.Reason}.");
        return _store.StoreAsync(
            new ServerEvent(_index, occurredAt, OpcUaEventKind.Gap)
            {
                Subscription = gap.Subscription,
                FirstMissing = gap.First,
                LastMissing = gap.Last ?? 0,
                LastReceivedAt = gap.LastReceivedAt,
                Reason = gap.Reason,
            },
            cancellation);
    }

    async ValueTask IMonitorObserver.OnConnectedAsync(bool isAgain, CancellationToken cancellation)
    {
        if (isAgain)
        {
            _counters.Reconnect();
        }

        if (FindStoredAsync is { } find)
        {
            FindStoredAsync = null;
            Task<long?> stored = find();
            long connectedAt = _clock.UtcNanos;
            if (stored.IsCompleted)
            {
                await StoreEarlierGapAsync(await stored.ConfigureAwait(false), connectedAt, cancellation).ConfigureAwait(false);
            }
            else
            {
                _earlierGap = StoreEarlierGapAsync(stored, connectedAt);
            }
        }

        for (int item = 0; item < _items.Count; item++)
        {
            _items[item].NamespaceIndex = Connection.NodeOf(item).NamespaceIndex;
        }

        _events.Report(AdapterEventKind.Connected, $"Connected to {Options.Name}.");
        await _store.StoreAsync(new ServerEvent(_index, _clock.UtcNanos, OpcUaEventKind.Connected), cancellation).ConfigureAwait(false);
    }

    ValueTask IMonitorObserver.OnDisconnectedAsync(string? reason, CancellationToken cancellation)
    {
        _events.Report(AdapterEventKind.ConnectionFailed, $"{Options.Name}: {reason ?? NoCause}.");
        return _store.StoreAsync(
            new ServerEvent(_index, _clock.UtcNanos, OpcUaEventKind.Disconnected) { Reason = reason ?? NoCause }, cancellation);
    }

    void IMonitorObserver.OnConnectFailed(Exception failure) =>
        _events.Report(AdapterEventKind.ConnectionFailed, $"{Options.Name}: {failure.Message}", failure);

    async ValueTask IMonitorObserver.OnItemsRefusedAsync(IReadOnlyList<(int Item, UaStatus Status)> refused, CancellationToken cancellation)
    {
        Volatile.Write(ref _refusedItems, refused.Count);
        foreach ((int item, UaStatus status) in refused)
        {
            _events.Report(
                AdapterEventKind.Degraded,
                $"{Options.Name} does not monitor item '{_items[item].Options.Name}': {status}. Correct its Node.");
            await _store.StoreAsync(
                new ServerEvent(_index, _clock.UtcNanos, OpcUaEventKind.ItemRefused, _items[item].Index)
                {
                    Status = status, Reason = status.ToString(),
                },
                cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Stores the gap since the last run after a search. Values do not wait: the search can read the whole queues. When the
    /// adapter stops, the gap must still be stored, because the next run finds the values of this run and no gap before them. The stop does
    /// not wait for a blocked queue longer than <see cref="s_stopLimit"/>.</summary>
    private async Task StoreEarlierGapAsync(Task<long?> stored, long connectedAt)
    {
        long? storedUntil = await stored.ConfigureAwait(false);
        using CancellationTokenSource limit = new();
        await using CancellationTokenRegistration stopping = _search.Register(() => limit.CancelAfter(s_stopLimit));
        try
        {
            await StoreEarlierGapAsync(storedUntil, connectedAt, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is EstreamStorageException or OperationCanceledException)
        {
            string why = failure is EstreamStorageException
                ? failure.Message : $"the adapter stops, and the queue was not written within {s_stopLimit.TotalSeconds:0} s.";
            _events.Report(AdapterEventKind.Degraded, $"{Options.Name}: the gap since the last run is not stored: {why}", failure);
        }
    }

    private ValueTask StoreEarlierGapAsync(long? storedUntil, long connectedAt, CancellationToken cancellation)
    {
        string reason = storedUntil > 0 ? "the adapter was not running"
            : _search.IsCancellationRequested ? "the adapter stopped before it knew whether there was an earlier run"
            : "the adapter was not running; the time of its last value was not found";
        return storedUntil is { } until
            ? StoreGapAsync(new MonitorGap(0, 0, null, until, reason), connectedAt, cancellation) : ValueTask.CompletedTask;
    }
}
