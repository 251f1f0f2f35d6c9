using System.Net;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire.Fix.Internal;

namespace Estream.Wire.Fix;

/// <summary>Moves orders, execution reports, quotes, market data and cancellations between FIX sessions and queues, in both directions, as
/// an acceptor or an initiator. A message counts as received once it is in its queue.</summary>
public sealed class FixAdapter : IAdapterTables, IReloadableAdapter
{
    // The minimum that a journal retains for ResendRequests of a counterparty.
    private const long JournalBytes = 1L << 30;

    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);

    private readonly FixAdapterOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly FixCounters _counters;
    private readonly FixIngress _ingress;
    private readonly FixEmitter _emitter;
    private readonly FixFills? _fills;
    private readonly IngressWriter _translating;
    private readonly Lock _translatingGate = new();
    private readonly List<EstreamQueue> _journals = [];
    private readonly List<IAsyncDisposable> _replicators = [];
    private readonly List<QueueKeyRing> _journalKeys = [];
    private FixAcceptor? _acceptor;
    private FixInitiator? _initiator;
    private AdapterMetrics? _metrics;
    private volatile bool _isServing;

    /// <summary>Creates an adapter. Nothing is opened, bound or connected yet.</summary>
    /// <param name="options">The options of the adapter.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    /// <exception cref="EsfKeyException">Orders are mapped, and the audience of the order's submitter field has no key.</exception>
    public FixAdapter(FixAdapterOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        FixAdapterChecks.Check(options, context.Clock);
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _counters = new FixCounters(context.Name, () => Sessions.Count(session => session.IsLoggedOn));
        EsfSchemaSet schemas = context.Schemas.With(FixTranslator.OwnSchemas);
        IEnumerable<string> both = options.Mappings.Select(mapping => mapping.SchemaName!)
            .Concat(options.Egress.Select(egress => egress.Schema));
        FixLetters? letters = both.Any(name => SchemaNamed(name, schemas).IsProtected) ? new FixLetters(Protocol) : null;
        _routes = new IngressRoutes(options.Mappings.Select(mapping => Map(mapping, schemas)), context.Ingress,
            letters is null ? null : letters.Keep);
        _fills = CreateFills();
        _ingress = new FixIngress(options.Mappings, CreateWriter, context, _counters, _fills);
        _translating = CreateWriter();
        _emitter = new FixEmitter(Protocol, target => TranslatorFor(target),
            options.Egress.Select(egress => (egress, SchemaNamed(egress.Schema, schemas))), _fills);
        Schemas = new AdapterSchemas(
            [.. _routes.Mappings.Select(mapping => mapping.Schema).Distinct()],
            [.. options.Egress.Select(egress => SchemaNamed(egress.Schema, schemas)).Distinct()]);
        Tables = FixTables.Of(this);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => _options.Acceptor is null
        ? FixInitiatorFactory.InitiatorDescriptor
        : FixAcceptorFactory.AcceptorDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The address and port an acceptor listens on; null before the start and for an initiator. If the options set port 0, this is
    /// the port the system chose.</summary>
    public IPEndPoint? LocalEndPoint => _acceptor?.LocalEndPoint;

    /// <summary>All sessions, logged on or not; empty before the start.</summary>
    public IReadOnlyList<FixSession> Sessions
    {
        get
        {
            if (_acceptor is not null)
            {
                return _acceptor.Sessions;
            }

            return _initiator is null ? [] : [_initiator.Session];
        }
    }

    /// <summary>The table <c>sessions</c>.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(_counters.LoggedOn, _counters.Received, _counters.Rejected, _counters.Bytes);

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            if (!_isServing)
            {
                return HealthStatus.Unhealthy("The adapter is not running.");
            }

            if (_routes.Failure is { } failure)
            {
                return HealthStatus.Unhealthy($"A queue cannot be written, so reading from counterparties is paused: {failure.Message}");
            }

            int loggedOn = _counters.LoggedOn;
            if (_acceptor is { } acceptor)
            {
                if (acceptor.CredentialFailure is { } refused)
                {
                    return HealthStatus.Degraded($"The changed certificates cannot be used; the previous ones stay in use: {refused}");
                }

                if (acceptor.OutdatedList is { } outdated)
                {
                    return HealthStatus.Degraded(outdated);
                }

                return HealthStatus.Healthy(
                    $"Listening on {acceptor.LocalEndPoint}, {loggedOn} of {acceptor.Sessions.Count} sessions logged on.");
            }

            FixSession session = _initiator!.Session;
            return loggedOn > 0 ? HealthStatus.Healthy($"Logged on to {session.TargetCompId}.")
                : session.IsInHours ? HealthStatus.Unhealthy($"Not logged on to {session.TargetCompId}; see the events for the reason.")
                : HealthStatus.Healthy($"The session with {session.TargetCompId} is not open at this time.");
        }
    }

    private FixProtocol Protocol => _options.Sessions[0].Session.Protocol;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        FixSessionOptions[] sessions = [.. _options.Sessions.Select(Open)];
        if (_options.Acceptor is { } acceptor)
        {
            _acceptor = new FixAcceptor(acceptor with { Name = Name }, sessions, _ingress, _context.Clock, _context.Events);
            Recover();
            await _acceptor.StartAsync(cancellation).ConfigureAwait(false);
        }
        else
        {
            _initiator = new FixInitiator(_options.Initiator! with { Name = Name }, sessions[0], _ingress, _context.Clock, _context.Events);
            Recover();
            _events.Report(AdapterEventKind.Started, $"Connecting to {_options.Initiator.Host}:{_options.Initiator.Port}.");
        }

        _metrics = FixMetrics.Of(_counters);
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        if (_acceptor is null && _initiator is null)
        {
            throw new InvalidOperationException("Start the adapter before it ingests.");
        }

        using CancellationTokenSource retrying = new();
        Task retries = RetryAsync(retrying.Token);
        _isServing = true;
        try
        {
            await (_acceptor?.RunAsync(cancellation) ?? _initiator!.RunAsync(cancellation)).ConfigureAwait(false);
        }
        finally
        {
            _isServing = false;
            await retrying.CancelAsync().ConfigureAwait(false);
            await retries.ConfigureAwait(false);
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
        return _emitter.Translate(message, destination);
    }

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        EmitStatus status = _emitter.Emit(message, Sessions);
        if (status.IsOk)
        {
            _counters.Send();
        }

        return ValueTask.FromResult(status);
    }

    /// <inheritdoc/>
    /// <remarks>An initiator reads its files again for each connection.</remarks>
    public void ReloadCredentials() => _acceptor?.ReloadCertificates();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_acceptor is not null)
        {
            await _acceptor.DisposeAsync().ConfigureAwait(false);
        }

        if (_initiator is not null)
        {
            await _initiator.DisposeAsync().ConfigureAwait(false);
        }

        _metrics?.Dispose();
        _ingress.Dispose();
        _translating.Dispose();
        _emitter.Dispose();
        foreach (IAsyncDisposable replicator in _replicators)
        {
            await replicator.DisposeAsync().ConfigureAwait(false);
        }

        _replicators.Clear();
        _journals.ForEach(journal => journal.Dispose());
        _journals.Clear();
        _journalKeys.ForEach(keys => keys.Dispose());
        _journalKeys.Clear();
    }

    private static EsfSchema SchemaNamed(string name, EsfSchemaSet schemas)
    {
        return schemas.TryGet(name, out EsfSchema? schema)
            ? schema
            : throw new WireConfigurationException("Schema", $"there is no schema '{name}'; load the pack esf-trading.");
    }

    private FixSessionOptions Open(FixAdapterSession session)
    {
        if (session.JournalDirectory is not { } directory)
        {
            return session.Session;
        }

        QueueKeyRing? keys = session.JournalKeyFile is { } file ? LoadKeys(file, session.JournalPrivateKeyFile) : null;
        Durability durability = _context.IsStateReplicated(directory) ? _routes.ReplicatedDurability : _routes.Durability;
        EstreamQueue journal = EstreamQueue.Open(
            directory, new QueueOptions { RetainedBytes = JournalBytes, Keys = keys, IngressDurability = durability });
        _journals.Add(journal);
        if (_context.ReplicateState(directory, journal) is { } replicator)
        {
            _replicators.Add(replicator);
        }

        return session.Session with { Journal = journal };
    }

    private QueueKeyRing LoadKeys(string file, string? privateKeyFile)
    {
        try
        {
            QueueKeyRing keys = MasterKeyFile.Read(file, privateKeyFile);
            _journalKeys.Add(keys);
            return keys;
        }
        catch (EstreamException failure)
        {
            throw new WireConfigurationException("JournalKeyFile", failure.Message, failure);
        }
    }

    private TopicMapping Map(FixMapping mapping, EsfSchemaSet schemas)
    {
        EsfSchema schema = SchemaNamed(mapping.SchemaName!, schemas);
        return TopicMapping.Translated(mapping.MsgType, schema, mapping.Queue,
            new FixPayload(CreateTranslator(_options.Sessions[0].Session, schema.QualifiedName)));
    }

    private FixTranslator TranslatorFor(string targetCompId, params IReadOnlyCollection<string> schemas)
    {
        return CreateTranslator(_options.Sessions.First(one => one.Session.TargetCompId == targetCompId).Session, schemas);
    }

    private FixFills? CreateFills()
    {
        FixEgress? egress = _options.Egress.FirstOrDefault(one => one.Schema == FixAdapterChecks.FillSchema);
        return egress is null
            ? null
            : new FixFills(egress.TargetCompId, Protocol, schema => TranslatorFor(egress.TargetCompId, schema), _options, TryLetter);
    }

    /// <summary>Recovers session and order state from the journals. Runs before the first message is received or sent.</summary>
    private void Recover()
    {
        FixQueues queues = new(_context.Ingress);
        foreach (FixSession session in Sessions)
        {
            session.Rejections = _context.Rejections;
            session.Reconcile(queues);
        }

        if (_fills is { } fills)
        {
            fills.Recover(Sessions.First(session => session.TargetCompId == fills.TargetCompId));
        }
    }

    /// <summary>Writes a dead letter about a fill. The dead letter does not contain the fill, which remains in its queue.</summary>
    private bool TryLetter(string reason)
    {
        return _context.TryAppendDeadLetter(new WireMessage("8"u8, default), reason, "a fill cannot be sent as an execution report");
    }

    /// <summary>Creates a translator for a session. It sends the submitter of an order in OnBehalfOfCompID (115), unless the submitter
    /// equals the configured SenderCompID or, by default, the SenderCompID of the session.</summary>
    private FixTranslator CreateTranslator(FixSessionOptions session, params IReadOnlyCollection<string> schemas)
    {
        FixTranslatorOptions translation = _options.Translation;
        return new FixTranslator(
            Protocol, translation with { SenderCompId = translation.SenderCompId ?? session.SenderCompId, Schemas = schemas });
    }

    private IngressWriter CreateWriter()
    {
        return new IngressWriter(_routes, _context, _events);
    }

    private async Task RetryAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(s_retryInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                _routes.Retry();
            }
        }
        catch (OperationCanceledException)
        {
            // The adapter stops.
        }
    }
}
