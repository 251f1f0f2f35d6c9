using Estream.Core;
using Estream.Wire.OpcUa.Client;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>
/// A session with a subscription that survives lost connections. After each loss it first activates the same session on a new connection
/// and repeats missing messages. If the session is gone, it creates another and transfers the subscription; if that is gone too, it records
/// a gap and creates another subscription.
/// </summary>
internal sealed class MonitoredConnection
{
    private const int ItemBatch = 1_000;
    private const int MaxSilentRounds = 2;

    private readonly OpcUaClientOptions _client;
    private readonly MonitorOptions _options;
    private readonly IMonitorObserver _observer;
    private readonly IClock _clock;
    private readonly SubscriptionState _state = new();
    private readonly GapRepair _repair;
    private readonly Backoff _backoff;
    private UaNodeId[] _nodes = [];
    private UaSession? _session;
    private volatile ServiceCaller? _caller;
    private bool _wasConnected;
    private int _silentRounds;

    public MonitoredConnection(OpcUaClientOptions client, MonitorOptions options, IMonitorObserver observer, IClock clock)
    {
        (_client, _options, _observer, _clock) = (client, options, observer, clock);
        _repair = new GapRepair(_state, options.Items, () => _nodes, observer, clock);
        _backoff = new Backoff(options.ReconnectInitial, options.ReconnectMax, Random.Shared);
    }

    /// <summary>Calls services on the present connection; null if there is none.</summary>
    public ServiceCaller? Caller => _caller;

    public bool IsConnected => _caller is not null;

    /// <summary>Why the last attempt to connect failed; null if it succeeded.</summary>
    public string? Failure { get; private set; }

    /// <summary>The identifier of a node in the present session.</summary>
    public UaNodeId NodeOf(int item) => _nodes[item];

    /// <summary>Runs until cancelled, or until the observer cannot store. Closes the session at the end.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await ConnectAndServeAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _caller = null;
            if (_session is not null)
            {
                await _session.CloseAsync(deletesSubscriptions: true, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task ConnectAndServeAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(cancellation).ConfigureAwait(false);
                await ServeAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (EstreamException failure) when (failure is OpcUaException or WireConnectionException or WireConfigurationException)
            {
                Failure = failure.Message;
                _caller = null;
                _observer.OnConnectFailed(failure);
            }

            await Task.Delay(_backoff.Next(), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        bool isSame = _session is not null && await TryReactivateAsync(_session, cancellation).ConfigureAwait(false);
        if (!isSame)
        {
            UaSession session = await UaSession.ConnectAsync(_client, cancellation).ConfigureAwait(false);
            try
            {
                _nodes = await NamespaceTable.ResolveAsync(session.Caller, _options.Items, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await session.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            _session = session;
        }

        ServiceCaller caller = _session!.Caller;
        if (_state.Id != 0 && _silentRounds >= MaxSilentRounds)
        {
            await SubscriptionServices.DeleteAsync(caller, _state.Id, cancellation).ConfigureAwait(false);
            await _repair.LoseSubscriptionAsync("the server has stopped publishing", cancellation).ConfigureAwait(false);
            _silentRounds = 0;
        }

        if (_state.Id != 0)
        {
            await ResumeAsync(caller, isSame, cancellation).ConfigureAwait(false);
        }

        if (_state.Id == 0)
        {
            await SubscribeAsync(caller, cancellation).ConfigureAwait(false);
        }

        _caller = caller;
        Failure = null;
        await _observer.OnConnectedAsync(_wasConnected, cancellation).ConfigureAwait(false);
        _wasConnected = true;
    }

    /// <summary>Activates the session on a new connection.</summary>
    /// <returns>False if the server no longer has the session.</returns>
    private async Task<bool> TryReactivateAsync(UaSession session, CancellationToken cancellation)
    {
        try
        {
            await session.ReactivateAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (OpcUaException refused)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (refused.Status == UaStatus.BadConnectionClosed || refused.Status == UaStatus.BadTimeout)
            {
                throw;
            }

            // Any other refusal: servers answer a forgotten session with different codes.
            _session = null;
            return false;
        }
    }

    /// <summary>Continues the subscription where the stored messages end.</summary>
    private async Task ResumeAsync(ServiceCaller caller, bool isSameSession, CancellationToken cancellation)
    {
        try
        {
            if (!isSameSession)
            {
                await SubscriptionServices.TransferAsync(caller, _state.Id, cancellation).ConfigureAwait(false);
            }

            await _repair.RepublishAllAsync(caller, cancellation).ConfigureAwait(false);
        }
        catch (OpcUaException failure) when (!failure.IsSessionLost)
        {
            // The server has no such subscription, or transfers none (#1796 of UA-.NETStandard: with BadServiceUnsupported).
            await _repair.LoseSubscriptionAsync($"the subscription is lost ({failure.Status})", cancellation).ConfigureAwait(false);
        }
    }

    private async Task SubscribeAsync(ServiceCaller caller, CancellationToken cancellation)
    {
        (uint id, double interval, uint keepAlive) = await SubscriptionServices.CreateAsync(caller, _options, cancellation)
            .ConfigureAwait(false);
        List<(int, UaStatus)> refused = [];
        for (int start = 0; start < _nodes.Length; start += ItemBatch)
        {
            int count = Math.Min(ItemBatch, _nodes.Length - start);
            UaStatus[] results = await SubscriptionServices.CreateItemsAsync(
                caller, id, _options.Items, _nodes, start, count, cancellation).ConfigureAwait(false);
            for (int index = 0; index < results.Length; index++)
            {
                if (results[index].IsBad)
                {
                    refused.Add((start + index, results[index]));
                }
            }
        }

        await _observer.OnItemsRefusedAsync(refused, cancellation).ConfigureAwait(false);
        _state.Begin(id, (int)Math.Clamp(interval * keepAlive, 1, 86_400_000));
    }

    /// <summary>Receives messages until the connection ends. Creates another subscription if only that ends.</summary>
    private async Task ServeAsync(CancellationToken cancellation)
    {
        UaSession session = _session!;
        PublishPump pump = new(session.Caller, _state, _options, _observer, _repair, _clock);
        try
        {
            UaStatus status = await pump.RunAsync(
                async lost =>
                {
                    await _repair.LoseSubscriptionAsync($"the subscription has ended ({lost})", cancellation).ConfigureAwait(false);
                    await SubscribeAsync(session.Caller, cancellation).ConfigureAwait(false);
                },
                cancellation).ConfigureAwait(false);
            Failure = session.Channel.Failure ?? $"Publish ended with {status}";
            await _observer.OnDisconnectedAsync(Failure, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _caller = null;
            if (pump.Responses > 0)
            {
                _silentRounds = 0;
                _backoff.Reset();
            }

            _silentRounds += pump.IsSilent ? 1 : 0;
            if (!cancellation.IsCancellationRequested)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
