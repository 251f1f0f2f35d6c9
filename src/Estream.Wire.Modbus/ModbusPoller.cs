using System.Text;
using Estream.Esf;
using Estream.Industrial;
using Estream.Wire.Modbus.Client;
using Estream.Wire.Modbus.Polling;
using Estream.Wire.Modbus.Translation;

namespace Estream.Wire.Modbus;

/// <summary>Polls devices, stores their responses and values in queues, and writes points that messages name.</summary>
public sealed class ModbusPoller : IFieldAdapter, ILineObserver
{
    private static readonly TimeSpan s_makeUpOfStandby = TimeSpan.FromSeconds(10);

    private readonly ModbusPollerOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly BlockedQueues _blocked;
    private readonly IngressWriter _translating;
    private readonly IngressWriter _eventWriter;
    private readonly Lock _translatingGate = new();
    private readonly Lock _eventGate = new();
    private readonly byte[] _eventPayload = new byte[EventTranslator.MaxPayloadBytes];
    private readonly AdapterCounters _counters = new();
    private readonly DeviceState[] _devices;
    private readonly IReadOnlyList<PlannedPoint> _points;
    private readonly List<DeviceLine> _lines = [];
    private readonly DeviceLine[] _lineOf;
    private readonly PointWriter _pointWriter;
    private readonly EgressRecords? _records;
    private readonly bool _storesEvents;
    private readonly List<PollStore> _stores = [];
    private TimerWheel? _wheel;
    private AdapterMetrics? _metrics;
    private volatile bool _isServing;

    /// <summary>Creates an adapter. Nothing is opened or connected yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    public ModbusPoller(ModbusPollerOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        PollerChecks.Check(options);
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _points = [.. options.Devices
            .SelectMany((device, index) => device.Points.Select(point => (Device: index, Point: point)))
            .Select((one, index) => new PlannedPoint(index, one.Device, one.Point))];
        byte[][] names = [.. options.Devices.Select(device => Encoding.UTF8.GetBytes(device.Name))];
        _routes = new IngressRoutes(options.Mappings.Select(mapping => Map(mapping, names)), context.Ingress);
        _blocked = new BlockedQueues(_routes, _events, "devices are not polled", "devices are polled again");
        _translating = new IngressWriter(_routes, context, _events);
        _eventWriter = new IngressWriter(_routes, context, _events);
        _storesEvents = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.Event);
        _devices = [.. options.Devices.Select(device => new DeviceState(device, Random.Shared))];
        _lineOf = new DeviceLine[options.Devices.Count];
        _records = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.WriteResponse)
            ? new EgressRecords(
                new IngressWriter(_routes, context, _events), options.Devices.Select(device => $"writes/{device.Name}"),
                _blocked.Report, _events)
            : null;
        _pointWriter = new PointWriter(options, _points, context.Clock, _devices, device => _lineOf[device], _records);
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema)], options.Egress);
    }

    /// <summary>How late a missed poll is still made up.</summary>
    private TimeSpan MakeUp => _options.MakeUp ?? (_context.HasStandby ? s_makeUpOfStandby : TimeSpan.Zero);

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ModbusPollerFactory.PollerDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        _counters.ToStatistics(_lines.Count(line => line.IsConnected));

    /// <inheritdoc/>
    public int DeviceCount => _devices.Length;

    /// <inheritdoc/>
    public IReadOnlyList<DeviceStatus> Devices => [.. _devices.Select((device, index) => StatusOf(device, _lineOf[index]))];

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            if (!_isServing)
            {
                return HealthStatus.Unhealthy("The adapter is not running.");
            }

            if (_blocked.Health is { } blocked)
            {
                return blocked;
            }

            int connected = _lines.Count(line => line.IsConnected);
            DeviceLine? failed = _lines.Find(line => !line.IsConnected && line.Failure is not null);
            if (connected == 0 && failed is not null)
            {
                return HealthStatus.Unhealthy($"No device is connected; {failed.Name}: {failed.Failure}");
            }

            if (connected == 0)
            {
                return HealthStatus.Unhealthy("No device is connected yet.");
            }

            DeviceState? silent = Array.Find(_devices, device => device.Trouble is not null);
            return silent is null && connected == _lines.Count
                ? HealthStatus.Healthy($"{_devices.Length} devices on {connected} connections.")
                : HealthStatus.Degraded(silent is null
                    ? $"{connected} of {_lines.Count} connections are open{(failed is null ? "" : $"; {failed.Name}: {failed.Failure}")}."
                    : $"{_devices.Count(device => device.Trouble is not null)} of {_devices.Length} devices do not answer, or with "
                        + $"exceptions; {silent.Name}: {silent.Trouble}.");
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _wheel = new TimerWheel(_context.Clock, $"modbus {Name}", failure =>
            _events.Report(AdapterEventKind.Degraded, $"A poll failed: {failure.Message}", failure));
        IReadOnlyList<PlannedRead> plan = PollPlan.Create(_options.Devices, _points);
        PollHistory history = PollHistory.Read(_options, plan, _context.Ingress, MakeUp, _context.Clock.UtcNanos);
        foreach (IGrouping<object, int> group in Enumerable.Range(0, _devices.Length)
            .GroupBy(device => _options.Devices[device].Endpoint.LineKey))
        {
            PollStore store = new(new IngressWriter(_routes, _context, _events), _counters, _options, _points, history);
            _stores.Add(store);
            int polls = plan.Count(read => group.Contains(read.Device));
            DeviceLine line = new(
                _options.Devices[group.First()].Endpoint, _options, polls, _context.Clock, _wheel, store, this,
                _context.IsTakeover);
            _lines.Add(line);
            foreach (int device in group)
            {
                _lineOf[device] = line;
            }
        }

        Schedule(plan, history);
        _metrics = PollerMetrics.Of(Name, _devices, _lines);
        _events.Report(AdapterEventKind.Started, $"Polling {_devices.Length} devices with {plan.Count} requests.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        if (_wheel is null)
        {
            throw new InvalidOperationException("Start the adapter before it ingests.");
        }

        _isServing = true;
        try
        {
            await AdapterLoops.RunAsync(
                _lines.Select(line => (Func<CancellationToken, Task>)line.RunAsync).Append(_blocked.RetryAsync), cancellation)
                .ConfigureAwait(false);
        }
        finally
        {
            _isServing = false;
            foreach (DeviceLine line in _lines)
            {
                await line.DisposeAsync().ConfigureAwait(false);
            }

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
            : _pointWriter.Translate(message, destination);
    }

    /// <inheritdoc/>
    /// <remarks>Writes the point, reads it back and compares. Completes after both responses.</remarks>
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

        EmitStatus status = await _pointWriter.WriteAsync(message, cancellation).ConfigureAwait(false);
        _counters.CountEmit(status);
        return status;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (DeviceLine line in _lines)
        {
            await line.DisposeAsync().ConfigureAwait(false);
        }

        _wheel?.Dispose();
        _metrics?.Dispose();
        _stores.ForEach(store => store.Dispose());
        _stores.Clear();
        _translating.Dispose();
        _eventWriter.Dispose();
        _records?.Dispose();
    }

    void ILineObserver.OnBlocked() => _blocked.Report();

    void ILineObserver.OnConnected(DeviceLine line, bool isAgain)
    {
        if (isAgain)
        {
            _counters.Reconnect();
        }

        _events.Report(AdapterEventKind.Connected, $"Connected to {line.Name}.");
        StoreEvents(line, ModbusEventKind.Connected, "");
    }

    void ILineObserver.OnConnectFailed(DeviceLine line, Exception failure) =>
        _events.Report(AdapterEventKind.ConnectionFailed, failure.Message, failure);

    void ILineObserver.OnDisconnected(DeviceLine line, string reason, LinkCounters counters)
    {
        _events.Report(
            counters.Invalid > 0 ? AdapterEventKind.ProtocolViolation : AdapterEventKind.ConnectionFailed, $"{line.Name}: {reason}");
        StoreEvents(line, ModbusEventKind.Disconnected, reason);
    }

    void ILineObserver.OnPolled(DeviceLine line, PollExchange poll, ModbusStatus status, ReadOnlySpan<byte> response, bool isChanged)
    {
        if (status is ModbusStatus.Ok or ModbusStatus.NotConnected)
        {
            return;
        }

        if (isChanged && poll.Device.Trouble is { } trouble)
        {
            _events.Report(AdapterEventKind.Degraded, $"Device {poll.Device.Name}: {trouble}.");
        }

        ModbusEventKind kind = status switch
        {
            ModbusStatus.Timeout => ModbusEventKind.Timeout,
            ModbusStatus.Exception => ModbusEventKind.Exception,
            _ => ModbusEventKind.BadFrame,
        };
        StoreEvent(new DeviceEvent(
            poll.Read.Device, _context.Clock.UtcNanos, kind, poll.Unit, poll.Read.Table.ReadFunction(), poll.Read.Address,
            (ushort)poll.Read.Count, status == ModbusStatus.Exception ? (ModbusExceptionCode)response[1] : ModbusExceptionCode.None, ""));
    }

    /// <summary>Spreads the polls of each rate evenly over their interval, so that they do not compete for the same moment.</summary>
    private void Schedule(IReadOnlyList<PlannedRead> plan, PollHistory history)
    {
        long window = MakeUp.Ticks * TimeSpan.NanosecondsPerTick;
        foreach (IGrouping<int, PlannedRead> rate in plan.GroupBy(read => read.EveryMs))
        {
            long interval = rate.Key * TimerWheel.NanosPerTick;
            int index = 0;
            int count = rate.Count();
            foreach (PlannedRead read in rate)
            {
                DeviceLine line = _lineOf[read.Device];
                PollSlots slots = new(interval, interval * index++ / count, window);
                line.Add(new PollExchange(read, _devices[read.Device], line, slots) { LastStored = history.LastResponse(read) },
                    history.LastWhole(read));
            }
        }
    }

    private static DeviceStatus StatusOf(DeviceState device, DeviceLine? line)
    {
        HealthStatus health = line is not { IsConnected: true }
            ? HealthStatus.Unhealthy(line?.Failure ?? "The device is not connected yet.")
            : device.Trouble is { } trouble ? HealthStatus.Degraded($"{trouble}.")
            : HealthStatus.Healthy(device.IsAnswering ? "The device answers." : "The device is connected.");
        return new DeviceStatus(device.Name, line?.Name ?? "", health, device.Polls, device.Errors, device.LastPollAt)
        {
            JitterMicros = device.WorstRecentJitter / 1_000,
        };
    }

    private TopicMapping Map(ModbusMapping mapping, byte[][] devices) => mapping.Schema.Name switch
    {
        ModbusSchemas.ReadResponse =>
            TopicMapping.Translated("reads/#", mapping.Schema, mapping.Queue, new ResponseTranslator(devices, isWrite: false)),
        ModbusSchemas.WriteResponse =>
            TopicMapping.Translated("writes/#", mapping.Schema, mapping.Queue, new ResponseTranslator(devices, isWrite: true)),
        ModbusSchemas.Event => TopicMapping.Translated("events/#", mapping.Schema, mapping.Queue, new EventTranslator(devices)),
        _ => TopicMapping.Translated("values/#", mapping.Schema, mapping.Queue, new ValueTranslator(_options.Devices, _points)),
    };

    private void StoreEvents(DeviceLine line, ModbusEventKind kind, string reason)
    {
        for (int device = 0; device < _lineOf.Length; device++)
        {
            if (_lineOf[device] == line)
            {
                StoreEvent(new DeviceEvent(device, _context.Clock.UtcNanos, kind, 0, ModbusFunctionCode.None, 0, 0, default, reason));
            }
        }
    }

    /// <summary>Stores an event; one that cannot be stored now is lost, and the health shows why.</summary>
    private void StoreEvent(in DeviceEvent one)
    {
        if (!_storesEvents)
        {
            return;
        }

        lock (_eventGate)
        {
            try
            {
                int length = EventTranslator.WritePayload(one, _eventPayload);
                _eventWriter.Append(new WireMessage(
                    Encoding.UTF8.GetBytes($"events/{_options.Devices[one.Device].Name}"), _eventPayload.AsSpan(0, length)));
            }
            finally
            {
                _eventWriter.Release();
            }
        }
    }
}
