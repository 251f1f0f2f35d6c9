using Estream.Circuits;
using Estream.Client;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Marketplace;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>The configuration collected by the builder. Once the host is built, only <see cref="Take"/> changes it.</summary>
internal sealed class HostConfiguration
{
    /// <summary>The queue for messages that match no schema. It always exists, so no received message is dropped silently.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>The default retention time of dead letters, defined by their schema. It is limited because invalid messages may arrive
    /// without end.</summary>
    public static TimeSpan DeadLetterAge { get; } =
        EsfRetention.Longest(EsfSchemaSet.BuiltIn.Schemas.Where(schema => schema.QualifiedName == DeadLetterSink.SchemaName))
            ?? TimeSpan.Zero;

    /// <summary>The default size limit of dead letters in bytes, so publishers cannot fill the disk with them.</summary>
    public const long DeadLetterBytes = 1L << 30;

    private volatile QueueAccess? _access;

    public DataLayout Data { get; set; } = new(Path.GetFullPath("data"));

    public EsfSchemaSet Schemas { get; set; } = EsfSchemaSet.BuiltIn;

    public EsfAudienceKeys AudienceKeys { get; set; } = EsfAudienceKeys.None;

    public (string Directory, string KeyFile)? Vault { get; set; }

    /// <summary>The minimum free space in bytes for adapters to run; null for 1 GiB or 5 % of the volume, whichever is less.</summary>
    public long? MinFreeBytes { get; set; }

    /// <summary>The queues that adapters may append to below the minimum free space.</summary>
    public HashSet<string> UsesReserve { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>The queues that are configured with less durability than their adapters need. Logged at start.</summary>
    public List<DurabilityWarning> DurabilityWarnings { get; private set; } = [];

    /// <summary>The files of trusted keys of the queues that accept signed messages only, by queue.</summary>
    public OrderedDictionary<string, string> SignedQueues { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Whether administrative actions are recorded in <see cref="AuditLog.QueueName"/>.</summary>
    public bool IsAudited { get; set; }

    /// <summary>The settings of the history; null if the host keeps none.</summary>
    public HistoryPlan? History { get; set; }

    /// <summary>The alert rules, and where changes of alerts are sent.</summary>
    public AlertPlan Alerts { get; set; } = AlertPlan.None;

    /// <summary>The queues in opening order. The dead letters are first, because the sinks of the other queues need them.</summary>
    public OrderedDictionary<string, QueueOptions> Queues { get; private set; } = new(StringComparer.Ordinal)
    {
        [DeadLetters] = new QueueOptions { RetainedAge = DeadLetterAge, RetainedBytes = DeadLetterBytes },
    };

    /// <summary>The witnesses by witnessed queue.</summary>
    public OrderedDictionary<string, WitnessPlan> Witnesses { get; private set; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, MapPlan> Maps { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Whether remote clients are served.</summary>
    public bool ServesClients { get; set; }

    /// <summary>How long retention waits for an unused cursor of remote clients; zero for ever.</summary>
    public TimeSpan MaxCursorAge { get; set; }

    /// <summary>Of each map that remote clients write: the maximum number of entries, the master keys, and whether a change is flushed
    /// before it is acknowledged.</summary>
    public OrderedDictionary<string, (long MaxEntries, QueueKeyRing? Keys, bool IsFlushed)> ClientMaps { get; } =
        new(StringComparer.Ordinal);

    /// <summary>The publishers and subscribers of queues.</summary>
    public OrderedDictionary<string, MulticastPlan> Multicast { get; } = new(StringComparer.Ordinal);

    /// <summary>The replicas of queues and maps.</summary>
    public OrderedDictionary<string, ReplicaPlan> Replicas { get; } = new(StringComparer.Ordinal);

    /// <summary>What is replicated through brokers; null if nothing is.</summary>
    public ReplicationPlan? Replication { get; set; }

    /// <summary>The journals that are replicated: those of a host with the role auto.</summary>
    public IReadOnlyList<JournalPlan> Journals => Replication?.Lease is null ? [] : [.. Adapters.Values.SelectMany(JournalPlan.Of)];

    public OrderedDictionary<string, DeclaredPipeline> Pipelines { get; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, CircuitPlan> Circuits { get; } = new(StringComparer.Ordinal);

    /// <summary>The addresses of queues and circuits.</summary>
    public LexDirectory Streams { get; private set; } = new();

    public List<IVerifier> Approvers { get; } = [];

    /// <summary>The identities of the host in the sessions of transcripts, by queue.</summary>
    public Dictionary<string, MpcIdentity> Identities { get; } = new(StringComparer.Ordinal);

    /// <summary>The approvals that circuits need by governance category.</summary>
    public Dictionary<string, int> GovernanceApprovals { get; } = new(StringComparer.Ordinal);

    /// <summary>The observation level of circuit streams.</summary>
    public StreamObservationOptions Observation { get; set; } = new() { Level = ObservationLevel.Distributions };

    /// <summary>The addresses of FPGA cards.</summary>
    public List<string> Cards { get; } = [];

    public Dictionary<string, TenantLimits> Tenants { get; } = new(StringComparer.Ordinal);

    /// <summary>All pipelines, including those of circuits.</summary>
    public IEnumerable<DeclaredPipeline> AllPipelines =>
        Pipelines.Values.Concat(Circuits.Values.SelectMany(circuit => circuit.Circuit.Pipelines));

    public OrderedDictionary<string, AdapterPlan> Adapters { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Which queues and maps callers reach. Read it only once the host is built.</summary>
    public QueueAccess Access => _access ?? Interlocked.CompareExchange(ref _access, CreateAccess(), null) ?? _access!;

    /// <summary>The workspace of component adapters; null if there are none.</summary>
    public ComponentWorkspace? Components { get; set; }

    /// <summary>The gateway edition that limits this host; null for no limits.</summary>
    public GatewayPlan? Gateway { get; set; }

    /// <summary>The registered adapter types.</summary>
    public AdapterRegistry Registry { get; } = new();

    /// <summary>
    /// Whether adapters, maps or pipelines use a schema with protected fields. If so, a message of an unknown schema may contain such
    /// fields unsealed.
    /// </summary>
    public bool TakesProtected =>
        Adapters.Values.SelectMany(adapter => adapter.Settings.List("Mappings").Concat(adapter.Settings.List("Egress")))
            .Select(mapping => mapping.Text("Schema"))
            .Concat(Maps.Values.Select(map => map.Schema)).OfType<string>()
            .Any(name => Schemas.TryGet(name, out EsfSchema? schema) && schema.IsProtected)
        || AllPipelines.Any(pipeline => pipeline.Schema.IsProtected || pipeline.ResultSchema.IsProtected);

    /// <summary>Returns a copy that later calls of <see cref="Take"/> do not change.</summary>
    public HostConfiguration Copy() => (HostConfiguration)MemberwiseClone();

    /// <summary>Takes the parts that can change while the host runs from another configuration of the same host. A queue that both have
    /// takes only the retention limits and the durability, because its open files depend on the other options. Readers on other threads
    /// see the old or the new value of each property.</summary>
    public void Take(HostConfiguration other)
    {
        QueueAccess access = other.Access;
        OrderedDictionary<string, QueueOptions> queues = new(StringComparer.Ordinal);
        OrderedDictionary<string, WitnessPlan> witnesses = new(StringComparer.Ordinal);
        foreach ((string name, QueueOptions options) in other.Queues)
        {
            queues.Add(name, Queues.TryGetValue(name, out QueueOptions? open)
                ? open with
                {
                    RetainedBytes = options.RetainedBytes, RetainedAge = options.RetainedAge, IngressDurability = options.IngressDurability,
                }
                : options);
        }

        foreach ((string queue, WitnessPlan witness) in other.Witnesses)
        {
            witnesses.Add(queue, Witnesses.GetValueOrDefault(queue, witness));
        }

        (Data, Schemas, Queues, Witnesses) = (other.Data, other.Schemas, queues, witnesses);
        (Maps, Adapters, Streams) = (other.Maps, other.Adapters, other.Streams);
        (UsesReserve, SignedQueues, DurabilityWarnings) = (other.UsesReserve, other.SignedQueues, other.DurabilityWarnings);
        Alerts = other.Alerts;

        // Never null again: another thread could store rights that it has computed from the old adapters.
        _access = access;
    }

    private QueueAccess CreateAccess() => QueueAccess.Of(Adapters.Values,
        Maps.Values.Concat(AllPipelines.Where(pipeline => pipeline.OutputMap is not null)
            .Select(pipeline => new MapPlan(pipeline.OutputMap!, pipeline.Source, pipeline.ResultSchema.QualifiedName, "")))
            .DistinctBy(map => map.Name));

    /// <summary>Disposes the master keys that another configuration of the host does not use.</summary>
    public void DisposeKeysExcept(HostConfiguration kept)
    {
        IEnumerable<QueueKeyRing?> own = Queues.Values.Select(queue => queue.Keys).Concat(ClientMaps.Values.Select(map => map.Keys));
        QueueKeyRing?[] used = [.. kept.Queues.Values.Select(queue => queue.Keys), .. kept.ClientMaps.Values.Select(map => map.Keys)];
        foreach (QueueKeyRing keys in own.OfType<QueueKeyRing>().Where(keys => !used.Contains(keys)).Distinct())
        {
            keys.Dispose();
        }
    }

    /// <summary>Returns the default size limit of a queue in bytes; 0 for unlimited.</summary>
    public static long RetainedBytesOf(string queue) => queue == DeadLetters ? DeadLetterBytes : 0;

    /// <summary>Whether a pipeline, or the timer or operation of a circuit writes a queue; adapters must not write it then.</summary>
    public bool IsWrittenByPipeline(string queue) =>
        AllPipelines.Any(pipeline => pipeline.QueuesWritten.Contains(queue, StringComparer.Ordinal)
            || (pipeline.Timer is not null && pipeline.Source == queue))
        || Circuits.Values.Any(circuit => circuit.Circuit.Operation is { } operation
            && (operation.QueueWritten == queue || operation.Feed == queue));

    /// <summary>Returns why a queue cannot require signatures, which are verified when an adapter or a client appends; null if the queue
    /// can.</summary>
    public string? WhyNotSigned(string queue) =>
        queue == DeadLetters ? "it contains the refused messages."
        : !Queues.ContainsKey(queue) ? "it is not a queue of the host. Add the queue."
        : IsWrittenByPipeline(queue) ? "a pipeline or circuit writes it without signatures. Set RequireSignature of its source queue."
        : null;

    /// <summary>Checks the settings of an adapter by its factory, and the schemas they name. Opens nothing. The factory of a component is
    /// loaded for the check and unloaded again.</summary>
    /// <exception cref="WireConfigurationException">A setting or a file named in a setting is invalid, or the component cannot be
    /// loaded.</exception>
    public void Check(AdapterPlan adapter)
    {
        using LoadedComponent? component = Load(adapter);
        Check(adapter, component);
    }

    /// <summary>Checks an adapter whose component is already loaded; null for a built-in adapter type.</summary>
    /// <exception cref="WireConfigurationException">A setting or a file named in a setting is invalid.</exception>
    public void Check(AdapterPlan adapter, LoadedComponent? component)
    {
        // Call the factory first: it refuses settings that were never read, and the reads below would mark them as read.
        WireSettings settings = adapter.Settings.Afresh();
        string[] queues = [.. Queues.Keys.Where(name => name != DeadLetters && !IsWrittenByPipeline(name))];
        if (component is null)
        {
            Registry.Check(adapter.Name, Schemas, queues, settings);
        }
        else
        {
            CheckQueues(adapter, component.Installed);
            component.Factory.Check(adapter.Name, Schemas, [.. queues.Where(component.Installed.MayAppend)], settings);
        }

        foreach (WireSettings naming in settings.List("Mappings").Concat(settings.List("Egress")))
        {
            if (naming.Text("Schema") is { } schema && QueueSchemas.WhyNot(Schemas, schema) is { } reason)
            {
                throw new WireConfigurationException(naming.KeyOf("Schema"), reason);
            }
        }
    }

    /// <summary>Counts what an adapter uses of the limits of a gateway edition.</summary>
    /// <exception cref="WireConfigurationException">The adapter reaches devices of industry and cannot count them.</exception>
    public IReadOnlyDictionary<string, long> CountUse(AdapterPlan adapter)
    {
        using LoadedComponent? component = Load(adapter);
        IWireAdapterFactory? factory = component?.Factory;
        WireSettings settings = adapter.Settings.Afresh();
        if (factory is null && !Registry.TryGet(settings.RequireText("Type"), out factory))
        {
            return new Dictionary<string, long>();
        }

        return factory is IFieldAdapterFactory field ? field.CountUse(settings)
            : factory.Descriptor.Family == ProtocolFamily.Industrial
                ? throw new WireConfigurationException(adapter.Settings.KeyOf("Type"),
                    $"is {factory.Descriptor.Type}, which cannot count its devices, so a gateway edition cannot limit it. Run it in a host "
                    + "without Estream:Gateway.")
            : new Dictionary<string, long>();
    }

    /// <summary>Returns <see cref="IWireAdapterFactory.NeedsDurableQueues"/> of an adapter; true for an adapter whose factory cannot be
    /// asked. <see cref="Check(AdapterPlan)"/> reports such an adapter.</summary>
    public bool NeedsDurableQueues(AdapterPlan adapter)
    {
        if (adapter.Component is null)
        {
            return adapter.Settings.Afresh().Text("Type") is not { } type
                || !Registry.TryGet(type, out IWireAdapterFactory? factory) || factory.NeedsDurableQueues;
        }

        try
        {
            using LoadedComponent? component = Load(adapter);
            return component!.Factory.NeedsDurableQueues;
        }
        catch (Exception)
        {
            // Third-party code may throw anything.
            return true;
        }
    }

    /// <summary>Loads the component of an adapter in the version of the lock; returns null for a built-in adapter type.</summary>
    /// <exception cref="WireConfigurationException">The component cannot be loaded, or must not be loaded.</exception>
    public LoadedComponent? Load(AdapterPlan adapter) => adapter.Component is null
        ? null
        : LoadedComponent.Load(Read(adapter), adapter.ComponentKey);

    /// <summary>Reads the component of an adapter in the version of the lock.</summary>
    /// <exception cref="WireConfigurationException">The component is not installed, or its files have changed.</exception>
    public InstalledAdapter Read(AdapterPlan adapter) => Components is { } components
        ? components.Read(adapter.Component!, adapter.ComponentKey)
        : throw new WireConfigurationException(adapter.ComponentKey,
            $"is {adapter.Component}, but this host has no component workspace. Set it with UseComponents or "
            + "Estream:Components:Workspace.");

    // Settings cannot grant a component more queues than its approved permissions.
    private static void CheckQueues(AdapterPlan adapter, InstalledAdapter component)
    {
        WireSettings settings = adapter.Settings.Afresh();
        IEnumerable<(WireSettings Setting, string Verb, Func<string, bool> IsAllowed)> all = settings.List("Mappings")
            .Select(mapping => (mapping, "append", (Func<string, bool>)component.MayAppend))
            .Concat(settings.List("Egress").Select(egress => (egress, "read", (Func<string, bool>)component.MayRead)));
        foreach ((WireSettings setting, string verb, Func<string, bool> isAllowed) in all)
        {
            if (setting.Text("Queue") is { } queue && !isAllowed(queue))
            {
                throw new WireConfigurationException(setting.KeyOf("Queue"),
                    $"is '{queue}', but {component} has no permission queue:{verb}.{queue}. Name a queue that it may {verb}: "
                    + $"{string.Join(", ", component.Locked.Permissions.DefaultIfEmpty("it has no permissions"))}.");
            }
        }
    }

    /// <summary>Checks that the inputs of a circuit are resolved, that its queues are witnessed as required, and that it has enough
    /// approvals.</summary>
    /// <exception cref="ArgumentException">A requirement is not met.</exception>
    public void Check(CircuitPlan circuit)
    {
        if (circuit.Circuit.Inputs.FirstOrDefault(input => input.IsUnresolved) is { } unresolved)
        {
            throw new ArgumentException(
                $"The circuit {circuit.Circuit} reads {unresolved.Address}, which is not resolved. Call Circuit.Resolve before adding the "
                + "circuit.");
        }

        if (CircuitApproval.Missing(circuit.Circuit, Approvers, GovernanceApprovals) is { } approvals)
        {
            throw new ArgumentException($"The circuit {approvals} (AddApprover).");
        }

        if (circuit.Circuit.Operation?.Map is { } map
            && (Maps.ContainsKey(map) || ClientMaps.ContainsKey(map) || AllPipelines.Any(pipeline => pipeline.OutputMap == map)))
        {
            throw new ArgumentException($"The operation of {circuit.Circuit} works on the map {map}, which follows a queue or a pipeline, "
                + "or which clients write. Name another map; the host creates it.");
        }

        if (WhyNotReplicated(circuit.Circuit) is { } reason)
        {
            throw new ArgumentException($"The operation of {circuit.Circuit} replicates through the cluster of Replication, {reason}");
        }

        string[] missing = [.. WitnessTier.Missing(circuit.Circuit,
            queue => Witnesses.TryGetValue(queue, out WitnessPlan? witness) ? (true, witness.Options.IsDurable) : default)];
        if (missing.Length > 0)
        {
            throw new ArgumentException($"The circuit {string.Join("; ", missing)} (AddWitness).");
        }
    }

    // A stream has one publisher, and a queue has one replicator.
    private string? WhyNotReplicated(Circuit circuit)
    {
        if (Replication is not { } replication || circuit.Operation is not { Replica: { } replica } operation)
        {
            return null;
        }

        bool IsSame(Circuit other) => other != circuit && other.Operation is { Replica: { } copy } one && one.Kind == operation.Kind
            && (copy == replica || (one.Queue == operation.Queue && one.Map == operation.Map));
        return ReplicationPlan.WhyNot(operation, replication.Lease is not null, replication.Publish.Concat(replication.Follow),
                replication.PublishMaps.Concat(replication.FollowMaps))
            ?? (Circuits.Values.FirstOrDefault(other => IsSame(other.Circuit)) is { } twin
                ? $"as {twin.Circuit} does, and both name the same source or replica. Remove one of them."
                : null);
    }

    /// <summary>Checks the schema of a map.</summary>
    /// <exception cref="ArgumentException">Messages of the schema cannot be stored in queues as they are.</exception>
    public void Check(MapPlan map)
    {
        if (QueueSchemas.WhyNot(Schemas, map.Schema) is { } reason)
        {
            throw new ArgumentException($"The schema of map {map.Name} {reason}");
        }
    }
}

/// <summary>A queue that is configured with less durability than an adapter needs: a power cut loses messages that the adapter has
/// acknowledged.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Durability">The configured durability.</param>
/// <param name="Adapter">The adapter.</param>
/// <param name="Default">The durability of the queue without the setting.</param>
internal sealed record DurabilityWarning(string Queue, string Durability, string Adapter, string Default);

/// <summary>The configuration of a map.</summary>
internal sealed record MapPlan(string Name, string Queue, string Schema, string Key)
{
    /// <summary>The prefix of the named tailers of all maps.</summary>
    public const string ReaderPrefix = "map-";

    /// <summary>The named tailer of the source queue, which stores the position of the map.</summary>
    public string ReaderName => ReaderPrefix + Name;
}

/// <summary>The configuration of an adapter.</summary>
/// <param name="Name">The name.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Component">The component of the adapter; null for a built-in adapter type.</param>
internal sealed record AdapterPlan(string Name, WireSettings Settings, ComponentName? Component = null)
{
    /// <summary>The setting that names the component.</summary>
    public const string ComponentSetting = "Component";

    public string ComponentKey => Settings.KeyOf(ComponentSetting);
}

/// <summary>The paths in the data folder. The command line tool resolves names in the same way.</summary>
internal sealed record DataLayout(string Root)
{
    /// <summary>The number of partitions of each partitioned queue, including followed copies.</summary>
    public SortedDictionary<string, int> Partitioned { get; } = new(StringComparer.Ordinal);

    /// <summary>Returns the directory of a queue. A partition is in the directory of its queue.</summary>
    public string Queue(string name) => PartitionOf(name) is { } partition
        ? Path.Combine(Root, "queues", partition.Queue, name[^(PartitionName.SuffixLength - 1)..])
        : Path.Combine(Root, "queues", name);

    /// <summary>Returns the partitioned queue that a queue of the host belongs to; null for an ordinary queue.</summary>
    public (string Queue, int Number)? PartitionOf(string name) =>
        PartitionName.TryParse(name, out string queue, out int number) && Partitioned.TryGetValue(queue, out int count) && number < count
            ? (queue, number)
            : null;

    /// <summary>Returns the state directory of a declared pipeline.</summary>
    public string Pipeline(string name) => Path.Combine(Root, "pipelines", name);

    /// <summary>Returns the directory of the chunks of the large objects in a queue.</summary>
    public string Media(string queue) => Path.Combine(Root, "media", queue);

    public string Map(string name) => Path.Combine(Root, "maps", name);

    /// <summary>Returns the directory of the change feed of a replicated map.</summary>
    public string MapFeeds(string name) => Path.Combine(Root, "feeds", name);

    /// <summary>Returns the file with the position of a named tailer.</summary>
    public string Reader(string queue, string reader) => Path.Combine(Queue(queue), "tailers", reader + ".cursor");

    /// <summary>Returns the private directory of an adapter.</summary>
    public string Adapter(string name) => Path.Combine(Root, "adapters", name);

    /// <summary>The folder of the replicas that circuits advance.</summary>
    public string Replicas => Path.Combine(Root, "replicas");

    /// <summary>The directory with the message numbers of remote producers.</summary>
    public string Producers => Path.Combine(Root, "client", "producers");

    /// <summary>The directory with the usage of circuits.</summary>
    public string Usage => Path.Combine(Root, "usage");

    /// <summary>The folder of the files that list the dead letters which were sent again.</summary>
    public string Redriven => Path.Combine(Root, "redriven");

    public string Schemas => Path.Combine(Root, "schemas");

    /// <summary>The folder of the dashboards that the consoles share.</summary>
    public string Dashboards => Path.Combine(Root, "dashboards");

    /// <summary>The folder of the files of the history.</summary>
    public string History => Path.Combine(Root, "history");
}
