using System.Net;
using System.Net.Sockets;
using Estream.Wire.Modbus.Server;

namespace Estream.Wire.Modbus;

/// <summary>Serves the latest messages of a map as the registers, coils and inputs of Modbus devices, and stores the writes of masters in a
/// queue. A write is acknowledged when its messages are as durable as the queue promises. A master that gets no response repeats the
/// write, so a write can be stored twice (at least once).</summary>
public sealed class ModbusServer : IAdapterTables, IReloadableAdapter
{
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly ServerServices _services;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly WireListener _listener;
    private AdapterMetrics? _metrics;

    /// <summary>Creates a server. Nothing is bound yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted, the map does not exist, or a point does not fit
    /// it.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    public ModbusServer(ModbusServerOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        ServerChecks.Check(options);
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        ILatestMessages? map = FindMap(options, context);
        List<ServedPoint> points = [];
        Dictionary<byte, ServedUnit> units = [];
        foreach (ModbusUnitOptions unit in options.Units)
        {
            ServedPoint[] own = [.. unit.Points.Select((point, index) => new ServedPoint(
                points.Count + index, unit.Name, point with { MaxAgeMs = point.MaxAgeMs ?? options.MaxAgeMs },
                map?.Schema.Fields.First(field => field.Name == point.Field)))];
            points.AddRange(own);
            units.Add(unit.Unit, new ServedUnit(unit.Name, own, map, options.Mappings.Count > 0));
        }

        MasterWriteTranslator translator = new(points);
        _routes = new IngressRoutes(
            options.Mappings.Select(mapping => TopicMapping.Translated("#", mapping.Schema, mapping.Queue, translator)), context.Ingress);
        _services = new ServerServices(
            units, () => new IngressWriter(_routes, context, _events), new ServerCounters { Rejections = context.Rejections }, _events,
            context.Clock);
        _translating = new IngressWriter(_routes, context, _events);
        _listener = new WireListener(
            Name,
            new ListenerSettings(options.Address, options.Port, options.MaxConnections, options.Tls)
            {
                MaxConnectionsPerAddress = options.MaxConnectionsPerAddress, Peers = options.Peers,
            },
            _routes, context.Clock, _events,
            socket =>
            {
                socket.NoDelay = true;
                return new ServerConnection(socket, options, _services) { ConnectedAt = context.Clock.UtcNanos };
            },
            _services.Counters);
        Tables = [_listener.Table];
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema)], []);
    }

    /// <summary>The topic of stored writes.</summary>
    internal static ReadOnlySpan<byte> WriteTopic => "writes"u8;

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ModbusServerFactory.ServerDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The table <c>connections</c>.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <summary>The address and port the adapter listens on; null before the start.</summary>
    public IPEndPoint? LocalEndPoint => _listener.LocalEndPoint;

    /// <inheritdoc/>
    public AdapterStatistics Statistics => _services.Counters.ToStatistics(_listener.Count);

    /// <inheritdoc/>
    public HealthStatus Health => _listener.HealthOf(
        _routes.Failure is { } failure ? $"The queue cannot be written, so masters that write are paused: {failure.Message}" : null,
        $"{_listener.Count} masters");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _listener.Start();
        _metrics = _services.Counters.ToMetrics(Name, () => _listener.Count);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Ingest(CancellationToken cancellation) => _listener.RunAsync(cancellation);

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translatingGate)
        {
            return _translating.Translate(message, destination, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) =>
        TranslateStatus.Unsupported("a Modbus server sends responses only");

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "a Modbus server sends responses only"));

    /// <inheritdoc/>
    public void ReloadCredentials() => _listener.ReloadCredentials();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _metrics?.Dispose();
        _translating.Dispose();
    }

    private static ILatestMessages? FindMap(ModbusServerOptions options, AdapterContext context)
    {
        if (options.Map is not { } name)
        {
            return null;
        }

        ILatestMessages map = context.Maps(name) ?? throw new WireConfigurationException(
            "Map", $"the map '{name}' does not exist, or the adapter may not read it. "
                + "Add the map to Maps, or name a map that a pipeline or circuit writes.");
        foreach (ModbusUnitOptions unit in options.Units)
        {
            foreach (ModbusServedPoint point in unit.Points)
            {
                if (ServedPoint.WhyNot(point, map.Schema) is { } reason)
                {
                    throw new WireConfigurationException(
                        "Units", $"has point '{point.Point.Name}' of unit '{unit.Name}', but {reason}. Set Field of the point.");
                }
            }
        }

        return map;
    }
}
