using System.Text;
using Estream.Core;
using Estream.Wire.OpcUa.Adapter;

namespace Estream.Wire.OpcUa;

/// <summary>Subscribes to items of servers, stores their values in queues, and writes items that messages name. Records lost notifications
/// as events.</summary>
public sealed class OpcUaAdapter : IFieldAdapter
{
    private readonly OpcUaAdapterOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly BlockedQueues _blocked;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly MonitorCounters _counters = new();
    private readonly AdapterItem[] _items;
    private readonly ServerLine[] _lines;
    private readonly EgressRecords? _records;
    private readonly ItemWriter _writer;
    private AdapterMetrics? _metrics;
    private volatile bool _isServing;

    /// <summary>Creates an adapter. Nothing is connected yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    public OpcUaAdapter(OpcUaAdapterOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        AdapterChecks.Check(options);
        _options = options;
        _context = context;
        _counters.Rejections = context.Rejections;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        byte[][] names = [.. options.Servers.Select(server => Encoding.UTF8.GetBytes(server.Name))];
        _items = [.. options.Servers
            .SelectMany((server, index) => server.Items.Select((item, handle) => (Server: index, Handle: handle, Item: item)))
            .Select((one, index) => new AdapterItem(
                index, one.Server, one.Handle, one.Item, names[one.Server], Encoding.UTF8.GetBytes(one.Item.Name)))];
        _routes = new IngressRoutes(options.Mappings.Select(mapping => Map(mapping, names)), context.Ingress);
        _blocked = new BlockedQueues(_routes, _events, "values are not acknowledged", "values are acknowledged again");
        _translating = new IngressWriter(_routes, context, _events);
        _lines = [.. options.Servers.Select((_, index) => CreateLine(index))];
        _records = options.Mappings.Any(mapping => mapping.Schema.Name == OpcUaSchemas.Event)
            ? new EgressRecords(
                new IngressWriter(_routes, context, _events), options.Servers.Select(server => $"events/{server.Name}"),
                _blocked.Report, _events)
            : null;
        _writer = new ItemWriter(options, _items, server => _lines[server], context.Clock, _records);
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema)], options.Egress);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => OpcUaAdapterFactory.AdapterDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        _counters.ToStatistics(_lines.Count(line => line.Connection.IsConnected));

    /// <inheritdoc/>
    public int DeviceCount => _lines.Length;

    /// <inheritdoc/>
    public IReadOnlyList<DeviceStatus> Devices => [.. _lines.Select(line => line.Status)];

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

            int connected = _lines.Count(line => line.Connection.IsConnected);
            ServerLine? failed = Array.Find(_lines, line => !line.Connection.IsConnected && line.Connection.Failure is not null);
            string why = failed is null ? "" : $" {failed.Options.Name}: {failed.Connection.Failure}";
            if (connected == 0)
            {
                return HealthStatus.Unhealthy($"No server is connected.{why}");
            }

            int refused = _lines.Sum(line => line.RefusedItems);
            return connected < _lines.Length ? HealthStatus.Degraded($"{connected} of {_lines.Length} servers are connected.{why}")
                : refused > 0 ? HealthStatus.Degraded($"{refused} of {_items.Length} items are not monitored; see the events.")
                : HealthStatus.Healthy($"{_items.Length} items of {connected} servers.");
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _metrics = new AdapterMetrics(Name)
            .AddCounter("estream.opcua.gaps", "{gap}", "Gaps in the notifications, which are stored as events.", () => _counters.Gaps)
            .AddCounter("estream.opcua.overflows", "{value}",
                "Values whose status says that the server dropped values before them. Raise QueueSize or lower PublishingIntervalMs.",
                () => _counters.Overflows);
        _events.Report(AdapterEventKind.Started, $"Monitoring {_items.Length} items of {_lines.Length} servers.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        _isServing = true;
        using CancellationTokenSource search = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            FindEarlierRuns(search.Token);
            await AdapterLoops.RunAsync(
                _lines.Select(line => (Func<CancellationToken, Task>)(stop => line.RunAsync(search, stop))).Append(_blocked.RetryAsync),
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            _isServing = false;
            _events.Report(AdapterEventKind.Stopped, "Monitoring has stopped.");
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
            : _writer.Translate(message, destination);
    }

    /// <inheritdoc/>
    /// <remarks>Writes the item, reads it back and compares. Completes after both responses.</remarks>
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

        EmitStatus status = await _writer.WriteAsync(message, cancellation).ConfigureAwait(false);
        _counters.CountEmit(status);
        return status;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _metrics?.Dispose();
        foreach (ServerLine line in _lines)
        {
            line.Dispose();
        }

        _records?.Dispose();
        _translating.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Tells each server when an earlier run stored its last value, so that the server records a gap since this time. If a
    /// server is not among the newest messages, the older messages are searched when it is connected.</summary>
    private void FindEarlierRuns(CancellationToken cancellation)
    {
        EarlierRuns runs = new([.. _options.Servers.Select(server => server.Name)], _options.EarlierMessages);
        Dictionary<IngressSink, bool> sinks = [];
        foreach (IngressRoute route in _routes.All)
        {
            sinks[route.Sink] = sinks.GetValueOrDefault(route.Sink) || route.Mapping.Schema.Name != OpcUaSchemas.Event;
        }

        foreach ((IngressSink sink, bool hasValues) in sinks)
        {
            Search($"queue '{sink.Name}'", () => runs.Read(sink.Newest.Queue, sink.NextSequence, hasValues, cancellation));
        }

        Lazy<Task> rest = new(() => _options.SearchOlder(() => Search("the queues", () => runs.ReadRest(cancellation)), cancellation));
        for (int index = 0; index < _lines.Length; index++)
        {
            int server = index;
            long? storedUntil = runs.LastStored(server);
            _lines[server].FindStoredAsync = async () =>
            {
                if (storedUntil == 0)
                {
                    await rest.Value.ConfigureAwait(false);
                    return runs.LastStored(server);
                }

                return storedUntil;
            };
        }
    }

    private void Search(string where, Action read)
    {
        try
        {
            read();
        }
        catch (EstreamException failure)
        {
            _events.Report(AdapterEventKind.Degraded,
                $"The last values in {where} cannot be read, so a gap since the last run has no start: {failure.Message}", failure);
        }
    }

    private ServerLine CreateLine(int index)
    {
        AdapterItem[] items = [.. _items.Where(item => item.Server == index)];
        ItemStore store = new(
            new IngressWriter(_routes, _context, _events), _counters, _options, index, items, _blocked.Report);
        return new ServerLine(_options, index, items, store, _counters, _events, _context.Clock);
    }

    private TopicMapping Map(OpcUaMapping mapping, byte[][] servers) => mapping.Schema.Name switch
    {
        OpcUaSchemas.Value => TopicMapping.Translated("values/#", mapping.Schema, mapping.Queue, new ValueTranslator(_items)),
        OpcUaSchemas.Event => TopicMapping.Translated("events/#", mapping.Schema, mapping.Queue, new EventTranslator(servers, _items)),
        _ => TopicMapping.Translated("readings/#", mapping.Schema, mapping.Queue, new ReadingTranslator(_items)),
    };
}
