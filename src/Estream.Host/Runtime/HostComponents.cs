using System.Collections.Immutable;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Esf;
using Estream.Fpga;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Queue;
using Estream.Replication;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Wire;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>
/// All parts that a running host has open. If a part cannot be opened, all open parts are closed again; only parts with damaged files are
/// left out. <see cref="PartsOf"/> lists the parts in the order of their dependencies.
/// </summary>
internal sealed partial class HostComponents : IAsyncDisposable
{
    private readonly PartTable<QueueRuntime> _queues = new();
    private readonly PartTable<WitnessRuntime> _witnesses = new();
    private readonly PartTable<MapRuntime> _maps = new();
    private readonly List<PipelineRunner> _pipelines = [];
    private readonly List<MulticastRuntime> _multicast = [];
    private readonly ReplicaSet _replicas;
    private ImmutableList<ReplicationRuntime> _replication = [];
    private readonly MessageJson _json;
    private readonly HostConfiguration _plan;
    private readonly Quarantine _quarantine;
    private readonly OpeningMark _opening;
    private readonly SignatureRules _signatures;
    private PartitionedQueues? _partitioned;
    private CircuitRuntime? _circuits;
    private OperationStores? _operations;
    private HostPipelineResources? _resources;
    private IngressSinks? _sinks;
    private CardVault? _vault;
    private FpgaTarget? _cards;
    private AdapterSet? _adapters;
    private PeriodicCheck[] _checks = [];
    private HostControl? _control;
    private readonly HostParts _parts;
    private readonly IClock _clock;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    private HostComponents(HostConfiguration plan, IClock clock, ILoggerFactory loggers)
    {
        _plan = plan;
        _clock = clock;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Estream.Host");
        _parts = new HostParts(_logger);
        _operationMaps = new ReadGate(Gate);
        ILogger storage = loggers.CreateLogger("Estream.Host.Storage");
        StorageLog = new StorageLog(storage);
        _replicas = new ReplicaSet(loggers.CreateLogger("Estream.Replicas"));
        _quarantine = new Quarantine(storage);
        _opening = new OpeningMark(plan.Data.Root);
        _json = new MessageJson(plan.Schemas, plan.TakesProtected);
        _signatures = new SignatureRules(plan, loggers.CreateLogger("Estream.Host.Signatures"));
    }

    public IReadOnlyDictionary<string, QueueRuntime> Queues => _queues;

    /// <summary>The witnesses by witnessed queue.</summary>
    public IReadOnlyDictionary<string, WitnessRuntime> Witnesses => _witnesses;

    public IReadOnlyDictionary<string, MapRuntime> Maps => _maps;

    public IReadOnlyList<PipelineRunner> Pipelines => _pipelines;

    public IReadOnlyList<MulticastRuntime> Multicast => _multicast;

    public ReplicaSet Replicas => _replicas;

    public IReadOnlyList<ReplicationRuntime> Replication => _replication;

    public IReadOnlyList<RunningCircuit> Circuits => _circuits?.Circuits ?? [];

    /// <summary>The total usage of the circuits of each tenant, for tenants with circuits or limits.</summary>
    public IReadOnlyList<(string Tenant, CircuitUsage Usage)> Tenants => _circuits is { } circuits
        ? [.. circuits.Circuits.Select(circuit => circuit.Tenant).Concat(_plan.Tenants.Keys).Distinct(StringComparer.Ordinal)
            .Select(tenant => (tenant, circuits.UsageOf(tenant)))]
        : [];

    public IReadOnlyList<AdapterRuntime> Adapters => _adapters?.All ?? [];

    /// <summary>Creates and replaces adapters.</summary>
    public AdapterSet AdapterSet => _adapters ?? throw new InvalidOperationException("There are no adapters yet.");

    /// <summary>The state of each FPGA card. Tries to open unavailable cards whose retry interval has passed.</summary>
    public IReadOnlyList<FpgaCardReport> Cards => _cards?.ReadCards() ?? [];

    /// <summary>The parts that were left out because a file is damaged.</summary>
    public IReadOnlyList<QuarantinedPart> Quarantined => _quarantine.Parts;

    /// <summary>Records administrative actions; null if they are not recorded.</summary>
    public AuditRuntime? Audit { get; private set; }

    /// <summary>What remote clients use; null if none are served.</summary>
    public RemoteParts? Remote { get; private set; }

    public ReadGate Gate { get; } = new();

    public StorageLog StorageLog { get; }

    /// <summary>The rules of the queues that accept signed messages only.</summary>
    public SignatureRules Signatures => _signatures;

    /// <summary>The queues that adapters append to.</summary>
    public IngressSinks Sinks => _sinks ?? throw new InvalidOperationException("There are no queues yet.");

    /// <summary>Whether at least one queue accepts no messages from adapters: its last append failed, or it is paused.</summary>
    public bool IsStorageFailing =>
        _sinks is { } sinks && (sinks.DeadLetters.Failure is not null || sinks.All.Any(s => s.Failure is not null));

    /// <summary>The queues that accept no messages from adapters and clients now.</summary>
    public HashSet<string> PausedQueues()
    {
        HashSet<string> paused = new(StringComparer.Ordinal);
        paused.UnionWith(Sinks.All.Where(sink => sink.Failure is not null).Select(sink => sink.Name));
        if (Sinks.DeadLetters.Failure is not null)
        {
            paused.Add(HostConfiguration.DeadLetters);
        }

        return paused;
    }

    /// <summary>Opens storage and prepares adapters; nothing runs yet.</summary>
    /// <param name="plan">The configuration.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">Creates loggers.</param>
    /// <param name="isTakeover">Whether another host ran the adapters until just now.</param>
    /// <exception cref="EstreamException">Storage cannot be opened, or a setting of an adapter is invalid. All open parts are closed
    /// again.</exception>
    /// <exception cref="ArgumentException">A named queue or schema does not exist, a map has a schema whose messages cannot be stored in
    /// queues, a circuit is refused, or a queue has the name of an attestation queue.</exception>
    public static async Task<HostComponents> OpenAsync(
        HostConfiguration plan, IClock clock, ILoggerFactory loggers, bool isTakeover = false)
    {
        // Check the settings before opening storage, so an invalid setting leaves no new files in the data folder.
        foreach (MapPlan map in plan.Maps.Values)
        {
            plan.Check(map);
        }

        foreach (AdapterPlan adapter in plan.Adapters.Values)
        {
            plan.Check(adapter);
        }

        if (GatewayEdition.Check(plan) is { } use)
        {
            LogGateway(loggers.CreateLogger("Estream.Host.Gateway"), use);
        }

        foreach (CircuitPlan circuit in plan.Circuits.Values)
        {
            plan.Check(circuit);
        }

        HostComponents components = new(plan, clock, loggers);
        try
        {
            foreach (HostPart part in components.PartsOf(clock, loggers, isTakeover))
            {
                await components._parts.OpenAsync(part).ConfigureAwait(false);
            }

            return components;
        }
        catch
        {
            await components.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts all parts. Replication starts before anything appends, because it compares the end of the log with what was
    /// replicated. Adapters start last.</summary>
    /// <param name="control">What watches the host.</param>
    /// <param name="cancellation">Ends the wait for the maps.</param>
    public Task StartAsync(HostControl control, CancellationToken cancellation)
    {
        _control = control;
        return _parts.StartAsync(cancellation);
    }

    /// <summary>Stops all parts, adapters first.</summary>
    /// <returns>Whether all parts have finished.</returns>
    public Task<bool> StopAsync(HostStop stop) => _parts.StopAsync(stop);

    /// <summary>Closes all open parts. Before storage is closed, <see cref="Gate"/> waits for active reads and rejects later
    /// reads.</summary>
    public ValueTask DisposeAsync() => _parts.CloseAsync();

    private void OpenVault()
    {
        if (_plan.Vault is { } vault)
        {
            using CardVaultKey key = CardVaultKey.Load(vault.KeyFile);
            _vault = CardVault.Open(vault.Directory, key);
        }
    }

    private void OpenQueues()
    {
        _partitioned = PartitionedQueues.Open(_plan, _quarantine);
        foreach ((string name, QueueOptions options) in _plan.Queues)
        {
            string directory = _plan.Data.Queue(name);
            void Open() => _opening.Opening($"queue {name}", directory, () =>
            {
                _partitioned.Check(name, directory);
                _queues.Add(name, OpenQueue(name, directory, options));
            });
            if (_quarantine.TryOpen("queue", name, Open))
            {
                continue;
            }

            if (name == HostConfiguration.DeadLetters)
            {
                // All sinks need the dead-letter queue, and no part depends on its old messages: keep the damaged directory under
                // another name and create a new queue.
                Directory.Move(directory, SetAside(directory));
                _queues.Add(name, OpenQueue(name, directory, options));
            }
            else if (!_plan.IsWrittenByPipeline(name))
            {
                _sinks!.AddUnavailable(name, _quarantine.ReasonOf("queue", name)!);
            }
        }
    }

    private static string SetAside(string directory)
    {
        int number = 1;
        while (Directory.Exists($"{directory}.damaged-{number}"))
        {
            number++;
        }

        return $"{directory}.damaged-{number}";
    }

    private QueueRuntime OpenQueue(string name, string directory, QueueOptions options)
    {
        EstreamQueue queue = EstreamQueue.Open(directory, options);
        bool hasAppender = false;
        try
        {
            OpeningMark.RequireWholeSegments(queue);

            // Open the appender first. It repairs the end of the log after the crash of a writer, before QueueRuntime reads the end.
            TakeAppender(name, queue);
            hasAppender = true;
            return new QueueRuntime(name, queue, _json, Gate) { PartitionOf = _plan.Data.PartitionOf(name)?.Queue };
        }
        catch
        {
            if (hasAppender)
            {
                Sinks.Remove(name);
            }

            queue.Dispose();
            throw;
        }
    }

    /// <summary>Opens the appender of a queue that adapters may write. The dead-letter queue must be the first, because the constructor of
    /// <see cref="IngressSinks"/> needs it.</summary>
    private void TakeAppender(string name, EstreamQueue queue)
    {
        if (name == HostConfiguration.DeadLetters)
        {
            _sinks = new IngressSinks(queue, _plan.Schemas, _plan.AudienceKeys, _vault);
        }
        else if (!_plan.IsWrittenByPipeline(name))
        {
            _sinks!.Add(name, queue, _signatures.Of(name));
        }
    }

    private void OpenWitnesses(IClock clock, ILoggerFactory loggers)
    {
        foreach (WitnessPlan witness in _plan.Witnesses.Values)
        {
            Check(witness);
            _quarantine.TryOpen("witness", witness.Queue, () =>
                _witnesses.Add(witness.Queue, OpenWitness(witness, Require(witness.Queue, "A witness"), clock, loggers)));
        }
    }

    private void Check(WitnessPlan witness)
    {
        if (_plan.Queues.ContainsKey(witness.Attestations))
        {
            throw new ArgumentException(
                $"The queue {witness.Attestations} is reserved for the attestations of {witness.Queue}. Give the queue that you added "
                + "another name.");
        }

        if (witness.Card is { } named && !_plan.Cards.Contains(named, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"The witness of {witness.Queue} names the card {named}, which the host does not have. Add it with AddCard.");
        }
    }

    private WitnessRuntime OpenWitness(WitnessPlan witness, QueueRuntime queue, IClock clock, ILoggerFactory loggers)
    {
        WitnessPlan plan = witness.Card is { } card
            ? witness with { Options = witness.Options with { LeafHasher = new CardLeafHasher(_cards!, card) } }
            : witness;
        return WitnessRuntime.Open(
            plan, queue.Queue, _plan.Data.Queue(witness.Queue) + QueueWitness.DirectoryEnding,
            (attestations, keys) => new WitnessView(witness.Queue, queue.Queue, attestations, keys, _json, queue.Gate), clock,
            loggers.CreateLogger($"Estream.Witness.{witness.Queue}"));
    }

    private void OpenMaps(IClock clock)
    {
        foreach (MapPlan map in _plan.Maps.Values)
        {
            EsfSchema schema = SchemaOf(map);
            _quarantine.TryOpen("map", map.Name, () => _opening.Opening($"map {map.Name}", _plan.Data.Map(map.Name),
                () => _maps.Add(map.Name, OpenMap(map, schema, clock))));
        }
    }

    private EsfSchema SchemaOf(MapPlan map) => _plan.Schemas.TryGet(map.Schema, out EsfSchema? found)
        ? found
        : throw new ArgumentException($"Map {map.Name} names the schema {map.Schema}, which does not exist. Add it with UseSchemas.");

    private MapRuntime OpenMap(MapPlan map, EsfSchema schema, IClock clock)
    {
        EstreamQueue queue = Require(map.Queue, $"Map {map.Name}").Queue;
        _ = _sinks!.TryGet(map.Queue, out IngressSink? feeder);
        return MapRuntime.Open(
            map, schema, queue, _plan.Data.Map(map.Name), (opened, gate) => new MapView(opened, queue, _json, gate, clock)
            {
                Traits = MapTraits.Folded(map),
                Origin = schema.TryGetField(map.Key, out EsfField? key) ? (Require(map.Queue, map.Name).View, schema, key) : null,
            }, Gate, feeder);
    }

    private LatestMessages? LatestOf(string map) =>
        (_pendingMaps.TryGetValue(map, out MapRuntime? fold) || _maps.TryGetValue(map, out fold))
            && _plan.Schemas.TryGet(fold.Plan.Schema, out EsfSchema? schema) ? new LatestMessages(fold.Map, fold.Queue, schema)
            : _outputs.TryGetValue(map, out var output) ? output.Latest
            : null;

    private void OpenPipelines(ILoggerFactory loggers)
    {
        _resources = new HostPipelineResources(_plan, _queues, _maps, _vault, _quarantine,
            loggers.CreateLogger("Estream.Media"));
        foreach (DeclaredPipeline pipeline in _plan.Pipelines.Values)
        {
            _quarantine.TryOpen("pipeline", pipeline.Name, () => _pipelines.Add(
                PipelineRuntime.Open(pipeline, _resources, loggers.CreateLogger($"Estream.Pipeline.{pipeline.Name}"))));
        }
    }

    private void OpenMulticast(IClock clock, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger("Estream.Multicast");
        foreach (MulticastPlan plan in _plan.Multicast.Values)
        {
            if (plan.Subscriber is not null && _queues.ContainsKey(plan.Queue))
            {
                throw new ArgumentException($"Multicast {plan.Name} subscribes to the copy {plan.Queue}, which is a queue of the host. "
                    + "Give the copy another name.");
            }

            _quarantine.TryOpen("multicast", plan.Name, () => _multicast.Add(new MulticastRuntime(
                plan, plan.Publisher is null ? null : Require(plan.Queue, $"Multicast {plan.Name}").Queue, _plan.Data.Queue(plan.Queue),
                clock, logger)));
        }
    }

    private void OpenReplication(IClock clock, ILoggerFactory loggers)
    {
        if (_plan.Replication is not { } plan)
        {
            return;
        }

        ILogger logger = loggers.CreateLogger("Estream.Replication");
        RabbitReplication replication = new(plan.Cluster);
        foreach (string queue in plan.Publish)
        {
            _replication = _replication.Add(
                ReplicationRuntime.Publish(replication, queue, Require(queue, "Replication").Queue, plan.MaxSpoolBytes, logger));
        }

        foreach (string copy in plan.Follow)
        {
            if (_queues.ContainsKey(copy))
            {
                throw new ArgumentException($"Replication follows {copy}, which is a queue of the host. Remove the queue, or do not follow "
                    + "it.");
            }

            _replication = _replication.Add(ReplicationRuntime.Follow(
                replication, copy, _plan.Data.Queue(copy), new QueueOptions { Clock = clock }, logger));
        }
    }

    // An adapter has opened the journal of a session.
    private ReplicationRuntime? ReplicateJournal(string directory, EstreamQueue journal, ILogger logger)
    {
        if (_plan.Journals.FirstOrDefault(known => known.Directory == Path.GetFullPath(directory)) is not { } plan)
        {
            return null;
        }

        ReplicationRuntime runtime =
            ReplicationRuntime.Publish(new RabbitReplication(_plan.Replication!.Cluster), plan.Stream, journal, maxSpoolBytes: 0, logger);
        runtime.Ended = () => ImmutableInterlocked.Update(ref _replication, all => all.Remove(runtime));
        _ = ImmutableInterlocked.Update(ref _replication, all => all.Add(runtime));
        runtime.Start(Sinks, _control?.Lost);
        return runtime;
    }

    private void OpenCircuits(IClock clock, ILoggerFactory loggers)
    {
        IReplicationEngine replication = _plan.Replication is { } cluster
            ? new RabbitReplicationEngine(new RabbitReplication(cluster.Cluster))
            : new LocalReplicationEngine(_plan.Data.Replicas, clock);
        _operations = new OperationStores(name => Require(name, "The operation of a circuit").Queue, _plan.Data.Map,
            _plan.Circuits.Values.Select(circuit => circuit.Circuit.Operation).OfType<CircuitOperation>(),
            replication, clock);
        _circuits = new CircuitRuntime(new CircuitRuntimeOptions
        {
            Resources = _resources!,
            Operations = operation => ShowOperation(operation, clock),
            Tenants = _plan.Tenants,
            Approvers = _plan.Approvers,
            GovernanceApprovals = _plan.GovernanceApprovals,
            AttestationsOf = queue => _witnesses.TryGetValue(queue, out WitnessRuntime? witness) ? witness.Attestations : 0,
            Failed = CircuitLog.To(loggers),
            Alerted = CircuitLog.Alerts(loggers),

            // Without circuits and tenants there is no usage to store.
            UsageDirectory = _plan.Circuits.Count == 0 && _plan.Tenants.Count == 0 ? null : _plan.Data.Usage,
            UsageFailed = CircuitLog.OfUsage(loggers),
            Observation = _plan.Observation,
            Clock = clock,
        });
        foreach (CircuitPlan circuit in _plan.Circuits.Values)
        {
            _quarantine.TryOpen("circuit", circuit.Circuit.Name, () => _circuits.Open(circuit.Circuit, circuit.Tenant));
        }

        // Measure storage before the circuits start: the circuits of a tenant above its storage limit must read no messages.
        _circuits.Sample();
        PublishOutputs(clock);
    }

    private void OpenReplicas(IClock clock)
    {
        foreach (ReplicaPlan plan in _plan.Replicas.Values)
        {
            _quarantine.TryOpen("replica", plan.Name, () =>
            {
                if (plan.Queue is { } queue)
                {
                    _replicas.Add(plan, Require(queue, $"Replica {plan.Name}").Queue, _plan.Queues[queue].Keys);
                    return;
                }

                MapRuntime source = RequireMap(plan);
                EstreamQueue followed = Require(source.Plan.Queue, $"Replica {plan.Name}").Queue;
                _ = _plan.Schemas.TryGet(source.Plan.Schema, out EsfSchema? schema);
                _replicas.Add(plan, MapReplica.Open(plan, source, schema!, followed,
                    (copy, gate) => new MapView(copy, followed, _json, gate, clock), Gate));
            });
        }
    }

    private MapRuntime RequireMap(ReplicaPlan plan) => _maps.TryGetValue(plan.Map!, out MapRuntime? map)
        ? map
        : throw _quarantine.ReasonOf("map", plan.Map!)
            ?? (Exception)new ArgumentException($"Replica {plan.Name} names the map {plan.Map}, which does not exist. Add it with AddMap.");

    private QueueRuntime Require(string name, string user) =>
        _queues.TryGetValue(name, out QueueRuntime? queue) || _pendingQueues.TryGetValue(name, out queue)
            ? queue
            : throw _quarantine.ReasonOf("queue", name)
                ?? (Exception)new ArgumentException($"{user} names the queue {name}, which does not exist. Add it with AddQueue.");

    [LoggerMessage(EventId = 94, Level = LogLevel.Information, Message = "Gateway edition {Use}.")]
    private static partial void LogGateway(ILogger logger, string use);
}
