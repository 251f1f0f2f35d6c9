using System.Collections.Concurrent;
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
public sealed class Hl7Listener : IWireAdapter, IReloadableAdapter
{
    private const int Backlog = 128;

    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);

    private readonly Hl7ListenerOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly Hl7Services _services;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly ConcurrentDictionary<Hl7Connection, Task> _connections = new();
    private Socket? _listener;
    private ReloadedFiles<ServerTlsFiles>? _tls;
    private AdapterMetrics? _metrics;
    private long _lastNumber;
    private volatile bool _isServing;

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
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        Hl7TranslationOptions translation = new(options.Limits, ReadKey(options), options.DefaultOffset);

        // Every message may identify a person, whatever schema it is mapped to, so dead letters keep no payload.
        _routes = new IngressRoutes(
            options.Mappings.Select(mapping => Hl7Routing.Map(mapping, translation)), context.Ingress, static _ => [], context.Name);
        _services = new Hl7Services(
            new Hl7Routing(options.Mappings), () => new IngressWriter(_routes, context, _events), new Hl7Counters(), _events,
            context.Clock);
        _translating = new IngressWriter(_routes, context, _events);
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema).Distinct()], []);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Hl7ListenerFactory.ListenerDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The address and port the adapter listens on; null before the start.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        new(_services.Counters.Connections, _services.Counters.Received, _services.Counters.Rejected, _services.Counters.Bytes);

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _routes.Failure is { } failure
            ? HealthStatus.Unhealthy($"A queue cannot be written, so reading from senders is paused: {failure.Message}")
        : _tls?.Failure is { } refused
            ? HealthStatus.Degraded($"The changed certificates cannot be used; the previous ones stay in use: {refused}")
        : HealthStatus.Healthy($"Listening on {LocalEndPoint}, {_services.Counters.Connections} connections.");

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
                + "that uses it.",
                isTransient: true,
                failure);
        }

        _listener = listener;
        LocalEndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _metrics = _services.Counters.ToMetrics(Name);
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
            _events.Report(AdapterEventKind.Stopped, "The listener has stopped.");
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
        TranslateStatus.Unsupported("an HL7 listener sends acknowledgements only");

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "an HL7 listener sends acknowledgements only"));

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
            _services.Counters.CountRefusedConnection();
            _events.Report(AdapterEventKind.ConnectionFailed,
                $"A connection was closed: {_options.MaxConnections} connections are open (MaxConnections).");
            socket.Dispose();
            return;
        }

        Hl7KeepAlive.Set(socket);
        Hl7Connection connection = new(socket, ++_lastNumber, _options, _services);

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
        foreach (Hl7Connection connection in _connections.Keys)
        {
            connection.Review(files);
        }
    }

    private async Task CloseConnectionsAsync()
    {
        foreach (Hl7Connection connection in _connections.Keys)
        {
            connection.Abort();
        }

        Task allEnded = Task.WhenAll(_connections.Values);
        await Task.WhenAny(allEnded, Task.Delay(s_shutdownLimit)).ConfigureAwait(false);
    }
}
