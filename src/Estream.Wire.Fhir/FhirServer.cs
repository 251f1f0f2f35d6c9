using System.Net;
using Estream.Core;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Http;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Store;
using Estream.Wire.Fhir.Subscriptions;
using Estream.Wire.Fhir.Translation;
using Estream.Wire.Fhir.Validation;

namespace Estream.Wire.Fhir;

/// <summary>
/// A FHIR R4 server (JSON over HTTP) for Patient, Observation, Encounter, Consent and Subscription. Stores every version in a queue, and
/// answers a write when its message is as durable as the queue promises. Enforces scopes and consents on every read.
/// </summary>
public sealed class FhirServer : IAdapterTables, IReloadableAdapter
{
    private const string NoEgress = "a FHIR server answers requests only";

    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_projectionRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(5);

    private readonly FhirServerOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly FhirCounters _counters = new();
    private readonly EndpointRules _endpoints;
    private readonly FhirPseudonyms? _pseudonyms;
    private ReloadedFiles<FhirTokens>? _tokens;
    private ReloadedFiles<ServerTlsFiles>? _tls;
    private ResourceStore? _store;
    private FhirHttp? _http;
    private AdapterMetrics? _metrics;
    private readonly LazyValidation _validation = new();
    private ReadAccess? _access;
    private AccessLog? _accesses;
    private volatile HttpExchange? _exchange;
    private volatile bool _isServing;
    private volatile string? _projectionFailure;

    /// <summary>Creates a server. Nothing is bound yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted, or a key cannot be read.</exception>
    /// <exception cref="ArgumentException">A queue does not exist.</exception>
    /// <exception cref="Esf.EsfKeyException">An audience of private fields has no key.</exception>
    public FhirServer(FhirServerOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        FhirServerChecks.Check(options);
        _options = options;
        _context = context;
        _counters.Rejections = context.Rejections;
        _endpoints = new EndpointRules(options.SubscriptionEndpoints);
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _pseudonyms = FhirServerChecks.ReadKey(options.PseudonymKey);
        TopicMapping log = FhirMappings.Map(new FhirMapping(Estream.Fhir.FhirCommit.Schema, options.Queue), null);
        TopicMapping[] accesses = options.AccessQueue is { } queue
            ? [TopicMapping.Translated(AccessLog.Topic, Estream.Fhir.FhirAccess.Schema, queue, new CommitTranslator())] : [];
        TopicMapping[] mappings = [log, .. accesses, .. options.Mappings.Select(mapping => FhirMappings.Map(mapping, _pseudonyms))];

        // Every message may identify a person, so dead letters keep no payload.
        _routes = new IngressRoutes(mappings, context.Ingress, static _ => []);
        _translating = new IngressWriter(_routes, context, _events);
        Schemas = new AdapterSchemas([.. mappings.Select(mapping => mapping.Schema).Distinct()], []);
        Tables = FhirTables.Of(() => _store);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => FhirServerFactory.ServerDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The table <c>resources</c>.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <summary>The address and port the adapter listens on; null before the start.</summary>
    public IPEndPoint? LocalEndPoint => _http?.EndPoint;

    /// <summary>The URL of the server, ending in '/'; null before the start.</summary>
    public string? BaseUrl { get; private set; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(0, _counters.Requests, _counters.Rejected, _counters.Bytes);

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _routes.Failure is { } failure
            ? HealthStatus.Unhealthy($"A queue cannot be written, so writes are refused: {failure.Message}")
        : _tls?.Failure is { } refused
            ? HealthStatus.Degraded($"Changed certificates cannot be used; the previous ones stay in use: {refused}")
        : _tokens?.Current.Problem is { } problem
            ? HealthStatus.Degraded($"TokensFile {problem}")
        : _projectionFailure is { } unprojected
            ? HealthStatus.Degraded($"Changes are not projected: {unprojected}")
        : _store?.Skipped.Failure is { } skipped
            ? HealthStatus.Degraded(skipped)
        : HealthStatus.Healthy($"Serving {BaseUrl}: {_counters.Requests} requests.");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _tls = _options.Tls is { } tls ? new ReloadedFiles<ServerTlsFiles>(_ => tls.Load(), tls.Files) : null;
        try
        {
            _http = await FhirHttp.StartAsync(
                _options, _tls is null ? null : () => _tls.Current.Options, HandleAsync, cancellation).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new WireConnectionException(
                $"'{Name}' cannot listen on {_options.Address}:{_options.Port}: {failure.Message} Set another Port, or stop the process "
                + "that uses it.",
                isTransient: true,
                failure);
        }

        BaseUrl = UrlOf(_http.EndPoint);
        ServerUrls urls = new([BaseUrl, .. FhirServerChecks.IsAny(_options.Address) ? [] : (string[])[OwnUrl(_http.EndPoint)],
            .. _options.OtherUrls]);
        _tokens = _options.TokensFile is { } file ? new ReloadedFiles<FhirTokens>(
            before => before is null ? FhirTokens.Load(file, urls, _context.Clock) : FhirTokens.Reload(file, urls, _context.Clock),
            [file]) : null;
        _pseudonyms?.Urls = urls;
        _store = OpenStore(urls);
        _access = new ReadAccess(_store, _context.Clock, _options.ConsentDefault);
        FhirHandler handler = new(_store, _access, new FhirHandlerOptions
        {
            BaseUrl = BaseUrl,
            MaxBundleEntries = _options.MaxBundleEntries,
            MaxResourceBytes = _options.MaxBodyBytes,
            IsUpdateCreate = _options.AllowClientIds,
            SubscriptionEndpoints = _endpoints,
        });
        _accesses = _options.AccessQueue is null ? null : new AccessLog(new IngressWriter(_routes, _context, _events), _context.Clock);
        _metrics = _counters.ToMetrics(Name, () => _access.Denials, _store);
        _exchange = new HttpExchange(
            handler, _store, _options, BaseUrl, _tokens is null ? null : () => _tokens.Current, _counters, _validation,
            _accesses, _context);
        _events.Report(AdapterEventKind.Started, $"Serving {BaseUrl}.");
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        ResourceStore store = _store ?? throw new InvalidOperationException("Start the adapter before it ingests.");
        _isServing = true;
        try
        {
            List<Func<CancellationToken, Task>> loops = [TickAsync];
            if (_options.Mappings.Count > 0)
            {
                loops.Add(stop => ProjectAsync(store, stop));
            }

            if (_endpoints.HasAny)
            {
                loops.Add(stop => NotifyAsync(store, stop));
            }

            await AdapterLoops.RunAsync(loops, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal shutdown.
        }
        finally
        {
            _isServing = false;
            using CancellationTokenSource limit = new(s_shutdownLimit);
            await _http!.StopAsync(limit.Token).ConfigureAwait(false);
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
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) => TranslateStatus.Unsupported(NoEgress);

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, NoEgress));

    /// <inheritdoc/>
    public void ReloadCredentials()
    {
        // A failure of the certificates must not keep revoked tokens valid.
        _tokens?.Reload();
        ReportTokens();
        _tls?.Reload();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_http is { } http)
        {
            await http.DisposeAsync().ConfigureAwait(false);
        }

        _metrics?.Dispose();
        _exchange?.Dispose();
        _accesses?.Dispose();
        _store?.Dispose();
        _validation.Dispose();
        _translating.Dispose();
    }

    private Task HandleAsync(Microsoft.AspNetCore.Http.HttpContext context)
    {
        if (_exchange is { } exchange)
        {
            return exchange.HandleAsync(context);
        }

        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private string UrlOf(IPEndPoint endPoint)
    {
        string url = _options.PublicUrl ?? OwnUrl(endPoint);
        return url.EndsWith('/') ? url : url + "/";
    }

    private string OwnUrl(IPEndPoint endPoint) => $"{(_tls is null ? "http" : "https")}://{endPoint}{_options.BasePath}";

    private ResourceStore OpenStore(ServerUrls urls)
    {
        if (!_context.Ingress.TryGet(_options.Queue, out IngressSink? sink))
        {
            throw new WireConfigurationException("Queue", $"is '{_options.Queue}', which does not exist.");
        }

        ResourceStore store = new(sink, new IngressWriter(_routes, _context, _events) { IsMeasured = false },
            new EgressKeys(Estream.Fhir.FhirCommit.Schema, _options.KeyFolder), new FactReader(urls), _context.Clock, _events);
        try
        {
            store.Rebuild();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private async Task ProjectAsync(ResourceStore store, CancellationToken cancellation)
    {
        string[] types = [.. _options.Mappings.Select(mapping => mapping.Schema.Name["Fhir".Length..])];
        while (true)
        {
            using IngressWriter writer = new(_routes, _context, _events);
            try
            {
                ProjectionPump pump = new(
                    store, writer, types, $"{Name}.projection", _context.Clock, () => _projectionFailure = null);
                await pump.RunAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (EstreamException failure)
            {
                // Clients can still read and write.
                if (_projectionFailure != failure.Message)
                {
                    _events.Report(AdapterEventKind.Degraded, $"Changes are not projected: {failure.Message}", failure);
                }

                _projectionFailure = failure.Message;
            }

            await Task.Delay(s_projectionRetry, cancellation).ConfigureAwait(false);
        }
    }

    private async Task NotifyAsync(ResourceStore store, CancellationToken cancellation)
    {
        using RestHookChannel channel = new(_endpoints);
        SubscriptionServices services = new(
            store, _access!, channel, _tokens is null ? null : () => _tokens.Current, _events, _counters, _accesses);
        await new SubscriptionPump(services, $"{Name}.subscriptions", _context.Clock).RunAsync(cancellation).ConfigureAwait(false);
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        long ticks = 0;
        while (!cancellation.IsCancellationRequested)
        {
            _routes.Retry();
            if (++ticks % (s_lookInterval / s_tickInterval) < 1)
            {
                LookAtFiles();
            }

            await Task.Delay(s_tickInterval, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void LookAtFiles()
    {
        if (_tokens?.Look() ?? false)
        {
            _events.Report(AdapterEventKind.CredentialsReloaded, "The tokens were reloaded.");
            ReportTokens();
        }

        try
        {
            if (_tls?.Look() ?? false)
            {
                _events.Report(AdapterEventKind.CredentialsReloaded, "The certificates were reloaded.");
            }
        }
        catch (WireConfigurationException failure)
        {
            _events.Report(AdapterEventKind.Degraded,
                $"Changed certificates cannot be used; the previous ones stay in use: {failure.Message}", failure);
        }
    }

    private void ReportTokens()
    {
        if (_tokens?.Current.Problem is { } problem)
        {
            _events.Report(AdapterEventKind.Degraded, $"TokensFile {problem}");
        }
    }
}
