using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Estream.Esf;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;
using Estream.Wire.Hl7.Transport;

namespace Estream.Wire.Hl7;

/// <summary>Listens for MLLP, stores messages in queues, and acknowledges a message when it is as durable as its queues promise. A sender
/// that gets no acknowledgement sends the message again, so a message can be stored twice (at least once).</summary>
public sealed class Hl7Listener : IAdapterTables, IReloadableAdapter
{
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly Hl7Services _services;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly WireListener _listener;
    private AdapterMetrics? _metrics;
    private long _lastNumber;

    /// <summary>Creates a listener. Nothing is bound yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted, or the key of pseudonyms cannot be read.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    /// <exception cref="EsfKeyException">A mapped schema has private fields, and one of their audiences has no key.</exception>
    public Hl7Listener(Hl7ListenerOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        Hl7ListenerChecks.Check(options);
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        Hl7TranslationOptions translation = new(options.Limits, ReadKey(options), options.DefaultOffset);

        // Every message may identify a person, whatever schema it is mapped to, so dead letters keep no payload.
        _routes = new IngressRoutes(
            options.Mappings.Select(mapping => Hl7Routing.Map(mapping, translation)), context.Ingress, static _ => []);
        _services = new Hl7Services(
            new Hl7Routing(options.Mappings), () => new IngressWriter(_routes, context, _events),
            new ListenerCounters { Rejections = context.Rejections }, _events, context.Clock,
            new ByteBudget(Math.Max(options.MaxBufferedBytes, 2L * options.Limits.MaxMessageBytes)));
        _translating = new IngressWriter(_routes, context, _events);
        _listener = new WireListener(
            Name,
            new ListenerSettings(options.Address, options.Port, options.MaxConnections, options.Tls)
            {
                MaxConnectionsPerAddress = options.MaxConnectionsPerAddress, Peers = options.Peers,
            },
            _routes, context.Clock, _events, socket =>
            {
                WireKeepAlive.Set(socket);
                return new Hl7Connection(socket, ++_lastNumber, options, _services) { ConnectedAt = context.Clock.UtcNanos };
            },
            _services.Counters);
        Tables = [_listener.Table];
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema).Distinct()], []);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Hl7ListenerFactory.ListenerDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The table <c>connections</c>.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <summary>The address and port the adapter listens on; null before the start.</summary>
    public IPEndPoint? LocalEndPoint => _listener.LocalEndPoint;

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        _services.Counters.ToStatistics(_services.Counters.Connections);

    /// <inheritdoc/>
    public HealthStatus Health => _listener.HealthOf(
        _routes.Failure is { } failure ? $"A queue cannot be written, so reading from senders is paused: {failure.Message}" : null,
        $"{_services.Counters.Connections} connections");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _listener.Start();
        _metrics = _services.Counters.ToMetrics(Name, "estream.hl7", "HL7");
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
        TranslateStatus.Unsupported("an HL7 listener sends acknowledgements only");

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "an HL7 listener sends acknowledgements only"));

    /// <inheritdoc/>
    public void ReloadCredentials() => _listener.ReloadCredentials();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _metrics?.Dispose();
        _translating.Dispose();
    }

    private static Pseudonyms? ReadKey(Hl7ListenerOptions options)
    {
        if (options.PseudonymKey is not { } secret)
        {
            return null;
        }

        byte[] key = [];
        try
        {
            key = secret.Read();
            return key.Length >= Pseudonyms.MinKeyBytes
                ? new Pseudonyms(key)
                : throw new WireConfigurationException(
                    "PseudonymKeyFile", $"has {key.Length} bytes in {secret}; write at least {Pseudonyms.MinKeyBytes}.");
        }
        catch (WireConnectionException failure)
        {
            throw new WireConfigurationException("PseudonymKeyFile", failure.Message, failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
