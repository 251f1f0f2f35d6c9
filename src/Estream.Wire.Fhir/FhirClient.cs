using Estream.Esf;
using Estream.Wire.Fhir.Client;
using Estream.Wire.Fhir.Translation;

namespace Estream.Wire.Fhir;

/// <summary>
/// Sends the commits of a queue to a FHIR server, one at a time and in order, and polls searches of that server into queues. A commit is
/// sent again until the server answers it, so the server can get a change twice (at least once).
/// </summary>
public sealed class FhirClient : IWireAdapter
{
    private const string NotRunning = "the adapter is not running";

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);

    private readonly FhirClientOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly EgressKeys? _keys;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly string _peer;
    private FhirRestClient? _client;
    private Poller? _poller;
    private AdapterMetrics? _metrics;
    private volatile string? _trouble;
    private volatile bool _isServing;
    private bool _isDisposed;
    private long _sent;
    private long _refused;

    /// <summary>Creates a client. Nothing is connected yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted, or a key cannot be read.</exception>
    /// <exception cref="ArgumentException">A queue does not exist.</exception>
    /// <exception cref="EsfKeyException">An audience of private fields has no key.</exception>
    public FhirClient(FhirClientOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        Check(options);
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _peer = $"{options.Url.Host}:{options.Url.Port}";
        FhirPseudonyms? pseudonyms = FhirServerChecks.ReadKey(options.PseudonymKey);
        _routes = new IngressRoutes(
            options.Mappings.Select(mapping => FhirMappings.Map(mapping, pseudonyms)), context.Ingress, static _ => []);
        _translating = new IngressWriter(_routes, context, _events);
        _keys = options.Egress is null ? null : new EgressKeys(options.Egress, options.KeyFolder!);
        Schemas = new AdapterSchemas(
            [.. options.Mappings.Select(mapping => mapping.Schema)], options.Egress is null ? [] : [options.Egress]);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => FhirClientFactory.ClientDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(0, _poller?.Received ?? 0, 0, 0)
    {
        EmittedTotal = Volatile.Read(ref _sent),
        EmitRefusedTotal = Volatile.Read(ref _refused),
    };

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _routes.Failure is { } failure
            ? HealthStatus.Unhealthy($"A queue cannot be written, so polling is paused: {failure.Message}")
        : _trouble is { } trouble ? HealthStatus.Unhealthy(trouble)
        : HealthStatus.Healthy($"{_peer}: {Volatile.Read(ref _sent)} commits sent, {_poller?.Received ?? 0} resources polled.");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _client = new FhirRestClient(
            _options.Url, _options.Tls, _options.Token, TimeSpan.FromSeconds(_options.TimeoutSeconds), _options.MaxBodyBytes);
        _poller = new Poller(
            _client, new IngressWriter(_routes, _context, _events), new PollState(_context.Place?.Directory), _options.Mappings,
            _context.Clock);
        _metrics = new AdapterMetrics(Name)
            .AddCounter("estream.fhir.sent", "{message}", "FHIR commits that a server accepted.", () => Volatile.Read(ref _sent))
            .AddCounter("estream.fhir.send_refused", "{message}", "FHIR commits that a server refused.", () => Volatile.Read(ref _refused))
            .AddCounter("estream.fhir.polled", "{resource}", "FHIR resources polled from a server.", () => _poller.Received);
        _events.Report(AdapterEventKind.Started, $"Using the FHIR server at {_peer}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        Poller poller = _poller ?? throw new InvalidOperationException("Start the adapter before it ingests.");
        Backoff backoff = new(s_firstWait, TimeSpan.FromSeconds(_options.MaxReconnectSeconds), Random.Shared);
        _isServing = true;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                _routes.Retry();
                bool isPolled = await TryPollAsync(poller, cancellation).ConfigureAwait(false);
                TimeSpan wait = isPolled ? TimeSpan.FromSeconds(_options.PollSeconds) : backoff.Next();
                await Task.Delay(wait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal shutdown.
        }
        finally
        {
            _isServing = false;
            _events.Report(AdapterEventKind.Stopped, "The client has stopped.");
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
        destination.Clear();
        if (_keys is null || message.Schema.QualifiedName != _options.Egress!.QualifiedName)
        {
            return TranslateStatus.NotMapped("no egress covers this schema");
        }

        lock (_translatingGate)
        {
            if (_isDisposed)
            {
                return TranslateStatus.Unsupported("the adapter is closed");
            }

            EsfStatus status = _keys.Open(message.Bytes, out ReadOnlySpan<byte> opened);
            return !status.IsOk ? TranslateStatus.Of(status)
                : CommitRequest.TryWrite(opened, destination) ? TranslateStatus.Ok
                : TranslateStatus.Unfit("no key of Keys opens the changes, or there are none");
        }
    }

    /// <inheritdoc/>
    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!_isServing || _client is not { } client)
        {
            return new EmitStatus(EmitCode.NotConnected, NotRunning);
        }

        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            (HttpMethod method, string path) = CommitRequest.Read(message.Topic.WrittenSpan);
            FhirRestResponse response =
                await client.SendAsync(method, path, message.Payload.WrittenMemory, null, cancellation).ConfigureAwait(false);
            return Count(StatusOf(response, method));
        }
        catch (WireConnectionException failure)
        {
            return new EmitStatus(EmitCode.NotConnected, failure.Message);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_translatingGate)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _keys?.Dispose();
                _client?.Dispose();
                _poller?.Dispose();
                _metrics?.Dispose();
                _translating.Dispose();
            }
        }

        return default;
    }

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    internal static void Check(FhirClientOptions options)
    {
        if (options.Url.Scheme == "http" && !options.Url.IsLoopback)
        {
            throw new WireConfigurationException("Url", "is an http URL beyond loopback. Write an https URL.");
        }

        if (options.Searches.Count > 0 == (options.Mappings.Count == 0))
        {
            throw new WireConfigurationException("Searches", "and Mappings belong together: set both, or neither.");
        }

        if (options.Searches.Count == 0 && options.Egress is null)
        {
            throw new WireConfigurationException("Egress", "is missing, and so is Searches. Set one of them.");
        }

        if (options.PseudonymKey is null && options.Mappings.Any(mapping => mapping.Schema.Name != FhirSchemas.Commit))
        {
            throw new WireConfigurationException("PseudonymKeyFile",
                "is required and not set: ids of resources are plaintext in messages, so they are replaced by pseudonyms.");
        }
    }

    /// <summary>The outcome by the status of HTTP: a server that is overloaded, or refuses the token, may accept the commit
    /// later.</summary>
    private static EmitStatus StatusOf(FhirRestResponse response, HttpMethod method) => response.Status switch
    {
        >= 200 and < 300 => EmitStatus.Ok,
        404 or 410 when method == HttpMethod.Delete => EmitStatus.Ok,
        401 or 403 or 408 or 429 or >= 500 => new EmitStatus(EmitCode.Deferred, $"the server answered with status {response.Status}"),
        _ => new EmitStatus(EmitCode.Refused, $"the server answered with status {response.Status}"),
    };

    private EmitStatus Count(EmitStatus status)
    {
        if (status.IsOk)
        {
            Interlocked.Increment(ref _sent);
        }
        else if (status.Code == EmitCode.Refused)
        {
            Interlocked.Increment(ref _refused);
        }

        return status;
    }

    /// <summary>Polls all searches, also those after one that fails.</summary>
    private async Task<bool> TryPollAsync(Poller poller, CancellationToken cancellation)
    {
        string? trouble = null;
        foreach (string search in _options.Searches)
        {
            try
            {
                await poller.PollAsync(search, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not (OutOfMemoryException or OperationCanceledException))
            {
                // A server can send anything, so no failure may end the loop.
                trouble = Explain(failure);
                Report(trouble, failure);
            }
        }

        _trouble = trouble;
        return trouble is null;
    }

    private string Explain(Exception failure) => failure switch
    {
        ArgumentException => $"{_peer} sent a link that is not a URL below {_options.Url}.",
        Core.EstreamException or IOException or UnauthorizedAccessException => failure.Message,
        _ => $"{_peer} sent a Bundle that cannot be read: {failure.GetType().Name}.",
    };

    private void Report(string trouble, Exception failure)
    {
        if (_trouble != trouble)
        {
            _events.Report(AdapterEventKind.ConnectionFailed, trouble, failure is ArgumentException ? null : failure);
        }
    }
}
