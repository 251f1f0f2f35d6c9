using System.Net;
using Estream.Wire.Iso20022.Connections;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Listens for ISO 20022 messages over TCP or TLS, stores them in queues, and answers a message when it is as durable as its queues
/// promise. Each message is a frame: its length in four bytes, big-endian, and the message as XML or JSON. Nothing of an invalid message is
/// stored, only a dead letter without content. A sender that gets no answer sends the message again, so a message can be stored twice (at
/// least once). The listener does not answer an ACK, a NAK or an admi.002.
/// </summary>
public sealed class Iso20022Listener : IAdapterTables, IReloadableAdapter
{
    private const string NoEgress = "an ISO 20022 listener sends answers only";

    private readonly AdapterContext _context;
    private readonly IngressRoutes _routes;
    private readonly ListenerCounters _counters = new();
    private readonly WireListener _listener;
    private readonly Iso20022Translator _translator;
    private readonly Lock _translating = new();
    private AdapterMetrics? _metrics;

    /// <summary>Creates a listener. Nothing is bound yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="mappings">The queues of messages, at least one. Topics are <c>pacs.008</c>, <c>pacs.002</c>, <c>camt.052</c> and
    /// <c>camt.053</c> with JSON payloads.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    /// <exception cref="ArgumentException">There is no mapping, or a mapping names a queue that does not exist.</exception>
    /// <exception cref="Esf.EsfKeyException">An audience of private fields has no key.</exception>
    public Iso20022Listener(Iso20022ListenerOptions options, IReadOnlyCollection<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(mappings);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfZero(mappings.Count, nameof(mappings));
        options.Validate();
        _context = context;
        _counters.Rejections = context.Rejections;
        AdapterEventLog events = new(context.Name, context.Clock, context.Events);

        // Any message may have private values, whatever its type, so dead letters keep no payload.
        _routes = new IngressRoutes(mappings, context.Ingress, static _ => []);
        Iso20022Limits limits = Iso20022Settings.Limits(options.MaxMessageBytes);
        _translator = new Iso20022Translator(context.Schemas, limits, options.Checks);
        ByteBudget budget = new(Math.Max(options.MaxBufferedBytes, 2L * options.MaxMessageBytes));
        _listener = new WireListener(
            Name,
            new ListenerSettings(options.Address, options.Port, options.MaxConnections, options.Tls)
            {
                MaxConnectionsPerAddress = options.MaxConnectionsPerAddress, Peers = options.Peers,
            },
            _routes, context.Clock, events, socket =>
            {
                WireKeepAlive.Set(socket);
                DocumentIntake intake = new(_routes, context, events, limits, options.Checks);
                return new ListenerConnection(socket, options, intake, budget, _counters, events, context.Clock)
                {
                    ConnectedAt = context.Clock.UtcNanos,
                };
            },
            _counters);
        Tables = [_listener.Table];
        Schemas = new AdapterSchemas([.. mappings.Select(mapping => mapping.Schema).Distinct()], []);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Iso20022ListenerFactory.ListenerDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The table <c>connections</c>.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <summary>The address and port the adapter listens on; null before the start.</summary>
    public IPEndPoint? LocalEndPoint => _listener.LocalEndPoint;

    /// <inheritdoc/>
    public AdapterStatistics Statistics => _counters.ToStatistics(_counters.Connections);

    /// <inheritdoc/>
    public HealthStatus Health => _listener.HealthOf(
        _routes.Failure is { } failure ? $"A queue cannot be written, so reading from peers is paused: {failure.Message}" : null,
        $"{_counters.Connections} connections");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _listener.Start();
        _metrics = _counters.ToMetrics(Name, "estream.iso20022", "ISO 20022");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Ingest(CancellationToken cancellation) => _listener.RunAsync(cancellation);

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            return _translator.ToEsf(message.Payload, destination, out _, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) => TranslateStatus.Unsupported(NoEgress);

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, NoEgress));

    /// <inheritdoc/>
    public void ReloadCredentials() => _listener.ReloadCredentials();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _metrics?.Dispose();
    }
}
