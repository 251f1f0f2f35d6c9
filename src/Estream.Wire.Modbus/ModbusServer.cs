using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Wire.Modbus.Server;

namespace Estream.Wire.Modbus;

/// <summary>Serves the latest messages of a map as the registers, coils and inputs of Modbus devices, and stores the writes of masters in a
/// queue. A write is acknowledged when its messages are as durable as the queue promises. A master that gets no response repeats the
/// write, so a write can be stored twice (at least once).</summary>
public sealed class ModbusServer : IWireAdapter, IReloadableAdapter
{
    private const int Backlog = 128;

    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);

    private readonly ModbusServerOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly ServerServices _services;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly ConcurrentDictionary<ServerConnection, Task> _connections = new();
    private Socket? _listener;
    private ReloadedFiles<ServerTlsFiles>? _tls;
    private AdapterMetrics? _metrics;
    private volatile bool _isServing;

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
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        ILatestMessages? map = FindMap(options, context);
        List<ServedPoint> points = [];
        Dictionary<byte, ServedUnit> units = [];
        foreach (ModbusUnitOptions unit in options.Units)
        {
            ServedPoint[] own = [.. unit.Points.Select((point, index) =>
                new ServedPoint(points.Count + index, unit.Name, point, map?.Schema.Fields.First(field => field.Name == point.Field)))];
            points.AddRange(own);
            units.Add(unit.Unit, new ServedUnit(own, map, options.Mappings.Count > 0));
        }

        MasterWriteTranslator translator = new(points);
        _routes = new IngressRoutes(
            options.Mappings.Select(mapping => TopicMapping.Translated("#", mapping.Schema, mapping.Queue, translator)), context.Ingress,
            null, context.Name);
        _services = new ServerServices(
            units, () => new IngressWriter(_routes, context, _events), new ServerCounters(), _events, context.Clock);
        _translating = new IngressWriter(_routes, context, _events);
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

    /// <summary>The address and port the adapter listens on; null before the start.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => _services.Counters.ToStatistics(_connections.Count);

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _routes.Failure is { } failure
            ? HealthStatus.Unhealthy($"The queue cannot be written, so masters that write are paused: {failure.Message}")
        : _tls?.Failure is { } refused
            ? HealthStatus.Degraded($"The changed certificates cannot be used; the previous ones stay in use: {refused}")
        : HealthStatus.Healthy($"Listening on {LocalEndPoint}, {_connections.Count} masters.");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _tls = _options.Tls is { } tls ? new ReloadedFiles<ServerTlsFiles>(_ => tls.Load(), tls.Files) : null;
        Socket listener = new(_options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(_options.Address, _options.Port));
            listener.Listen(Backlog);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new WireConnectionException(
                $"'{Name}' cannot listen on {_options.Address}:{_options.Port}: {failure.Message}. Set another Port, or stop the process "
                + "that uses it. Ports below 1024 need the capability CAP_NET_BIND_SERVICE.",
                isTransient: true,
                failure);
        }

        _listener = listener;
        LocalEndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _metrics = _services.Counters.ToMetrics(Name, () => _connections.Count);
        _events.Report(AdapterEventKind.Started, $"Listening on {LocalEndPoint}{(_tls is null ? "" : " with TLS")}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        Socket listener = _listener ?? throw new InvalidOperationException("Start the adapter before it ingests.");
        using CancellationTokenSource ticking = new();
        Task ticks = TickAsync(ticking.Token);
        _isServing = true;
        try
        {
            await AcceptAllAsync(listener, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal shutdown.
        }
        finally
        {
            _isServing = false;
            listener.Dispose();
            await CloseConnectionsAsync().ConfigureAwait(false);
            await ticking.CancelAsync().ConfigureAwait(false);
            await ticks.ConfigureAwait(false);
            _events.Report(AdapterEventKind.Stopped, "The server has stopped.");
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
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) =>
        TranslateStatus.Unsupported("a Modbus server sends responses only");

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "a Modbus server sends responses only"));

    /// <inheritdoc/>
    public void ReloadCredentials()
    {
        if (_tls is { } tls)
        {
            tls.Reload();
            EndRevoked(tls.Current);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        await CloseConnectionsAsync().ConfigureAwait(false);
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
            "Map", $"the map '{name}' does not exist, or the adapter may not read it. Add it to Maps.");
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

    /// <summary>Accepts connections until cancelled. A connection that cannot be accepted does not stop the loop.</summary>
    private async Task AcceptAllAsync(Socket listener, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Serve(await listener.AcceptAsync(cancellation).ConfigureAwait(false));
            }
            catch (SocketException failure) when (failure.SocketErrorCode != SocketError.OperationAborted)
            {
                _events.Report(AdapterEventKind.ConnectionFailed, $"A connection could not be accepted: {failure.Message}", failure);

                // A shortage of descriptors can last; retrying without a pause would keep a core busy.
                await Task.Delay(s_tickInterval, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        if (_connections.Count >= _options.MaxConnections)
        {
            _services.Counters.Reject();
            _events.Report(AdapterEventKind.ConnectionFailed,
                $"A connection was closed: {_options.MaxConnections} connections are open (MaxConnections).");
            socket.Dispose();
            return;
        }

        socket.NoDelay = true;
        ServerConnection connection = new(socket, _options, _services);

        // The task ends with the connection and never throws. It removes itself, so it must be registered first.
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections.TryAdd(connection, ended.Task);
        _ = Task.Run(async () =>
        {
            await connection.RunAsync(_tls?.Current).ConfigureAwait(false);
            _connections.TryRemove(connection, out _);
            ended.SetResult();
        });
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        long ticks = 0;
        while (!cancellation.IsCancellationRequested)
        {
            _routes.Retry();
            if (++ticks % (s_lookInterval / s_tickInterval) < 1)
            {
                LookAtCertificates();
            }

            await Task.Delay(s_tickInterval, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void LookAtCertificates()
    {
        try
        {
            if (_tls is { } tls && tls.Look())
            {
                EndRevoked(tls.Current);
            }
        }
        catch (WireConfigurationException failure)
        {
            _events.Report(AdapterEventKind.Degraded,
                $"The changed certificates cannot be used; the previous ones stay in use: {failure.Message}", failure);
        }
    }

    private void EndRevoked(ServerTlsFiles files)
    {
        _events.Report(AdapterEventKind.CredentialsReloaded, "The certificates were reloaded.");
        foreach (ServerConnection connection in _connections.Keys)
        {
            connection.Review(files);
        }
    }

    private async Task CloseConnectionsAsync()
    {
        foreach (ServerConnection connection in _connections.Keys)
        {
            connection.Abort();
        }

        Task allEnded = Task.WhenAll(_connections.Values);
        await Task.WhenAny(allEnded, Task.Delay(s_shutdownLimit)).ConfigureAwait(false);
    }
}
