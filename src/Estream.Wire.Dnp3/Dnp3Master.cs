using System.Text;
using Estream.Wire.Dnp3.Adapter;
using Estream.Wire.Dnp3.Session;
using DeviceEventKind = Estream.Dnp3.Dnp3DeviceEventKind;

namespace Estream.Wire.Dnp3;

/// <summary>Polls outstations, receives their unsolicited responses, stores values and events in queues, and operates the points that
/// messages name.</summary>
public sealed class Dnp3Master : IFieldAdapter, IChannelObserver, ISessionObserver
{
    private readonly Dnp3MasterOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly BlockedQueues _blocked;
    private readonly DeviceNames _names;
    private readonly IngressWriter _translating;
    private readonly IngressWriter _eventWriter;
    private readonly Lock _translatingGate = new();
    private readonly Lock _eventGate = new();
    /// <summary>The maximum number of stored events per minute and device, because an outstation causes them.</summary>
    internal const int MaxEventsPerMinute = 60;

    private readonly EventLimit[] _eventLimits;
    private readonly byte[] _eventPayload = new byte[DeviceEventTranslator.MaxPayloadBytes];
    private readonly AdapterCounters _counters = new();
    private readonly MasterSession[] _sessions;
    private readonly MasterChannel[] _channelOf;
    private readonly List<MasterChannel> _channels = [];
    private readonly List<MasterStore> _stores = [];
    private readonly EgressRecords? _records;
    private readonly CommandSender _sender;
    private readonly bool _storesEvents;
    private AdapterMetrics? _metrics;
    private volatile bool _isServing;

    /// <summary>Creates an adapter. Nothing is opened or connected yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    public Dnp3Master(Dnp3MasterOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        MasterChecks.Check(options);
        (_options, _context) = (options, context);
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _names = new DeviceNames(options.Devices);
        _routes = new IngressRoutes(options.Mappings.Select(Map), context.Ingress);
        _blocked = new BlockedQueues(_routes, _events, "nothing is confirmed", "responses are confirmed again");
        _translating = new IngressWriter(_routes, context, _events);
        _eventWriter = new IngressWriter(_routes, context, _events);
        _eventLimits = [.. options.Devices.Select(_ => new EventLimit(MaxEventsPerMinute))];
        _storesEvents = options.Mappings.Any(mapping => mapping.Schema.Name == Dnp3Schemas.DeviceEvent);
        _sessions = [.. options.Devices.Select(device => new MasterSession(device, context.Clock, this, Random.Shared))];
        _channelOf = new MasterChannel[_sessions.Length];
        _records = options.Mappings.Any(mapping => mapping.Schema.Name == Dnp3Schemas.CommandResult)
            ? new EgressRecords(
                new IngressWriter(_routes, context, _events), options.Devices.Select(device => $"results/{device.Name}"),
                _blocked.Report, _events)
            : null;
        _sender = new CommandSender(options, context.Clock, device => (_channelOf[device], _sessions[device]), _records);
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema)], options.Egress);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Dnp3MasterFactory.MasterDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        _counters.ToStatistics(_channels.Count(channel => channel.IsConnected));

    /// <inheritdoc/>
    public int DeviceCount => _sessions.Length;

    /// <inheritdoc/>
    public IReadOnlyList<DeviceStatus> Devices => [.. _sessions.Select((session, index) => MasterHealth.Of(session, _channelOf[index]))];

    /// <inheritdoc/>
    public HealthStatus Health => !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _blocked.Health ?? MasterHealth.Of(_channels, _sessions);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (IGrouping<object, int> group in Enumerable.Range(0, _sessions.Length)
            .GroupBy(device => _options.Devices[device].Endpoint.LineKey))
        {
            MasterStore store = new(
                new IngressWriter(_routes, _context, _events), _counters, _names, session => Array.IndexOf(_sessions, session),
                _context.Clock);
            _stores.Add(store);
            MasterChannel channel = new(
                _options.Devices[group.First()].Endpoint, [.. group.Select(device => _sessions[device])], _context.Clock, store, this,
                new Backoff(_options.ReconnectInitial, _options.ReconnectMax, Random.Shared));
            _channels.Add(channel);
            foreach (int device in group)
            {
                _channelOf[device] = channel;
            }
        }

        _metrics = MasterMetrics.Of(Name, _sessions, _channels);
        _events.Report(AdapterEventKind.Started, $"Polling {_sessions.Length} outstations on {_channels.Count} connections.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        if (_channels.Count == 0)
        {
            throw new InvalidOperationException("Start the adapter before it ingests.");
        }

        _isServing = true;
        try
        {
            await AdapterLoops.RunAsync(
                _channels.Select(channel => (Func<CancellationToken, Task>)channel.RunAsync).Append(_blocked.RetryAsync), cancellation)
                .ConfigureAwait(false);
        }
        finally
        {
            _isServing = false;
            _events.Report(AdapterEventKind.Stopped, "Polling has stopped.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translatingGate)
        {
            return _translating.Translate(message, destination, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _options.Egress.Count == 0
            ? TranslateStatus.Unsupported("the adapter has no Egress")
            : _sender.Translate(message, destination);
    }

    /// <inheritdoc/>
    /// <remarks>Selects and operates the point, or operates it directly. Completes after the response and the storing of the
    /// outcome.</remarks>
    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_options.Egress.Count == 0)
        {
            return new EmitStatus(EmitCode.Unsupported, "the adapter has no Egress");
        }

        if (!_isServing)
        {
            return new EmitStatus(EmitCode.NotConnected, "the adapter is not running");
        }

        EmitStatus status = await _sender.SendAsync(message, cancellation).ConfigureAwait(false);
        _counters.CountEmit(status);
        return status;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (MasterChannel channel in _channels)
        {
            await channel.DisposeAsync().ConfigureAwait(false);
        }

        _metrics?.Dispose();
        _stores.ForEach(store => store.Dispose());
        _stores.Clear();
        _translating.Dispose();
        _eventWriter.Dispose();
        _records?.Dispose();
    }

    void IChannelObserver.OnBlocked() => _blocked.Report();

    void IChannelObserver.OnConnected(MasterChannel channel, bool isAgain)
    {
        if (isAgain)
        {
            _counters.Reconnect();
        }

        _events.Report(AdapterEventKind.Connected, $"Connected to {channel.Name}.");
        StoreEvents(channel, DeviceEventKind.Connected, "");
    }

    void IChannelObserver.OnConnectFailed(MasterChannel channel, Exception failure) =>
        _events.Report(AdapterEventKind.ConnectionFailed, failure.Message, failure);

    void IChannelObserver.OnDisconnected(MasterChannel channel, string reason)
    {
        _events.Report(AdapterEventKind.ConnectionFailed, $"{channel.Name}: {reason}");
        StoreEvents(channel, DeviceEventKind.Disconnected, reason);
    }

    void ISessionObserver.OnEvent(MasterSession session, SessionEvent kind, string reason)
    {
        DeviceEventKind stored = kind switch
        {
            SessionEvent.Timeout => DeviceEventKind.Timeout,
            SessionEvent.Restarted => DeviceEventKind.Restarted,
            SessionEvent.EventsLost => DeviceEventKind.EventsLost,
            SessionEvent.TimeSet => DeviceEventKind.TimeSet,
            SessionEvent.Refused => DeviceEventKind.Refused,
            _ => DeviceEventKind.BadFrame,
        };
        if (kind is not (SessionEvent.TimeSet or SessionEvent.Restarted))
        {
            AdapterEventKind reported = kind == SessionEvent.BadFrame ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Degraded;
            _events.Report(reported, $"Device {session.Options.Name}: {reason}.");
        }

        StoreEvent(session, stored, kind == SessionEvent.Timeout ? null : (ushort)session.Indications, reason);
    }

    void ISessionObserver.OnSynchronized(MasterSession session)
    {
        // The health shows it.
    }

    private TopicMapping Map(Dnp3Mapping mapping) => mapping.Schema.Name switch
    {
        Dnp3Schemas.CommandResult =>
            TopicMapping.Translated("results/#", mapping.Schema, mapping.Queue, new ResultTranslator(_names)),
        Dnp3Schemas.DeviceEvent =>
            TopicMapping.Translated("events/#", mapping.Schema, mapping.Queue, new DeviceEventTranslator(_names)),
        _ => TopicMapping.Translated("values/#", mapping.Schema, mapping.Queue, new ValueTranslator(_names)),
    };

    private void StoreEvents(MasterChannel channel, DeviceEventKind kind, string reason)
    {
        foreach (MasterSession session in channel.Sessions)
        {
            StoreEvent(session, kind, null, reason);
        }
    }

    /// <summary>Stores an event; one that cannot be stored now is lost, and the health shows why.</summary>
    private void StoreEvent(MasterSession session, DeviceEventKind kind, ushort? indications, string reason)
    {
        if (!_storesEvents)
        {
            return;
        }

        lock (_eventGate)
        {
            try
            {
                int device = Array.IndexOf(_sessions, session);
                if (!_eventLimits[device].TryTake(_context.Clock.MonotonicNanos, out int omitted))
                {
                    return;
                }

                reason = omitted == 0 ? reason : $"{reason} ({omitted} events before this one were not stored)";
                int length = DeviceEventTranslator.WritePayload(
                    device, kind, indications, _context.Clock.UtcNanos, reason, _eventPayload);
                _eventWriter.Append(new WireMessage(
                    Encoding.UTF8.GetBytes($"events/{session.Options.Name}"), _eventPayload.AsSpan(0, length)));
            }
            finally
            {
                _eventWriter.Release();
            }
        }
    }
}
