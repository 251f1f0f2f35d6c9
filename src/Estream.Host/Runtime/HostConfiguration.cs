using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Marketplace;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>What the builder gathered. Read-only once the host is built.</summary>
internal sealed class HostConfiguration
{
    /// <summary>Where messages go that fit no schema. Always there, configured or not: nothing received is dropped in silence.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>For how long dead letters are kept where nobody says: as their schema says. What does not fit may come without
    /// end.</summary>
    public static TimeSpan DeadLetterAge { get; } =
        EsfRetention.Longest(EsfSchemaSet.BuiltIn.Schemas.Where(schema => schema.QualifiedName == DeadLetterSink.SchemaName))
            ?? TimeSpan.Zero;

    /// <summary>How many bytes of dead letters are kept where nobody says: whoever may publish could fill the disk with them.</summary>
    public const long DeadLetterBytes = 1L << 30;

    public DataLayout Data { get; set; } = new(Path.GetFullPath("data"));

    public EsfSchemaSet Schemas { get; set; } = EsfSchemaSet.BuiltIn;

    public EsfAudienceKeys AudienceKeys { get; set; } = EsfAudienceKeys.None;

    public (string Directory, string KeyFile)? Vault { get; set; }

    /// <summary>How much space has to be free for adapters to go on; null for 1 GiB or 5 % of the volume, whichever is less.</summary>
    public long? MinFreeBytes { get; set; }

    /// <summary>The queues that adapters may fill also when less is free.</summary>
    public HashSet<string> UsesReserve { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether administrative acts are recorded in <see cref="AuditLog.QueueName"/>.</summary>
    public bool IsAudited { get; set; }

    /// <summary>In the order they are opened: the dead letters first, because the way into the others is built around them.</summary>
    public OrderedDictionary<string, QueueOptions> Queues { get; } = new(StringComparer.Ordinal)
    {
        [DeadLetters] = new QueueOptions { RetainedAge = DeadLetterAge, RetainedBytes = DeadLetterBytes },
    };

    /// <summary>By the queues that are witnessed.</summary>
    public OrderedDictionary<string, WitnessPlan> Witnesses { get; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, MapPlan> Maps { get; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, DeclaredPipeline> Pipelines { get; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, CircuitPlan> Circuits { get; } = new(StringComparer.Ordinal);

    /// <summary>The addresses of queues that have one, beside those of circuits.</summary>
    public LexDirectory Streams { get; } = new();

    public List<IVerifier> Approvers { get; } = [];

    /// <summary>How closely streams of circuits are looked at.</summary>
    public StreamObservationOptions Observation { get; set; } = new() { Level = ObservationLevel.Distributions };

    /// <summary>Addresses of cards.</summary>
    public List<string> Cards { get; } = [];

    public Dictionary<string, TenantLimits> Tenants { get; } = new(StringComparer.Ordinal);

    /// <summary>All pipelines, those by which circuits run among them.</summary>
    public IEnumerable<DeclaredPipeline> AllPipelines =>
        Pipelines.Values.Concat(Circuits.Values.SelectMany(circuit => circuit.Circuit.Pipelines));

    public OrderedDictionary<string, AdapterPlan> Adapters { get; } = new(StringComparer.Ordinal);

    /// <summary>Where adapters that are components come from; null where there are none.</summary>
    public ComponentWorkspace? Components { get; set; }

    /// <summary>The adapter types there are.</summary>
    public AdapterRegistry Registry { get; } = new();

    /// <summary>
    /// Whether what adapters, maps and pipelines name has a schema with fields that are never shown in clear. Then a message of an unknown
    /// schema may be one of those, put into a queue by somebody who sealed nothing.
    /// </summary>
    public bool TakesProtected =>
        Adapters.Values.SelectMany(adapter => adapter.Settings.List("Mappings").Concat(adapter.Settings.List("Egress")))
            .Select(mapping => mapping.Text("Schema"))
            .Concat(Maps.Values.Select(map => map.Schema)).OfType<string>()
            .Any(name => Schemas.TryGet(name, out EsfSchema? schema) && schema.IsProtected)
        || AllPipelines.Any(pipeline => pipeline.Schema.IsProtected || pipeline.ResultSchema.IsProtected);

    /// <summary>How many bytes a queue keeps where nobody says; 0 for all.</summary>
    public static long RetainedBytesOf(string queue) => queue == DeadLetters ? DeadLetterBytes : 0;

    /// <summary>Whether a pipeline writes a queue, or the timer of a circuit: adapters do not then.</summary>
    public bool IsWrittenByPipeline(string queue) =>
        AllPipelines.Any(pipeline => pipeline.QueuesWritten.Contains(queue, StringComparer.Ordinal)
            || (pipeline.Timer is not null && pipeline.Source == queue));

    /// <summary>Asks the factory of an adapter what it thinks of its settings, and looks at the schemas they name; nothing is opened for
    /// it. That of a component is loaded to be asked, and let go again.</summary>
    /// <exception cref="WireConfigurationException">A setting, or a file that a setting names, is not as it has to be; or the component
    /// cannot be loaded.</exception>
    public void Check(AdapterPlan adapter)
    {
        using LoadedComponent? component = Load(adapter);
        Check(adapter, component);
    }

    /// <summary>The same, of a component that is loaded already; null for a type that the host brings.</summary>
    /// <exception cref="WireConfigurationException">A setting, or a file that a setting names, is not as it has to be.</exception>
    public void Check(AdapterPlan adapter, LoadedComponent? component)
    {
        // The factory first: what is asked for here counts as known from then on, and it refuses what it does not know.
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

    /// <summary>Loads the component of an adapter, as the lock says it now; null for a type that the host brings.</summary>
    /// <exception cref="WireConfigurationException">It cannot be loaded, or may not be.</exception>
    public LoadedComponent? Load(AdapterPlan adapter) => adapter.Component is null
        ? null
        : LoadedComponent.Load(Read(adapter), adapter.ComponentKey);

    /// <summary>Reads the component of an adapter, as the lock says it now.</summary>
    /// <exception cref="WireConfigurationException">It is not installed, or its files are not what was.</exception>
    public InstalledAdapter Read(AdapterPlan adapter) => Components is { } components
        ? components.Read(adapter.Component!, adapter.ComponentKey)
        : throw new WireConfigurationException(adapter.ComponentKey,
            $"is {adapter.Component}, and this host has no workspace where components are installed (UseComponents, "
            + "Estream:Components:Workspace).");

    // What the settings bind to a component is what was approved: a mapping is no way around it.
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
                    $"is '{queue}', and {component} has no permission queue:{verb}.{queue}. Name a queue it may {verb}: "
                    + $"{string.Join(", ", component.Locked.Permissions.DefaultIfEmpty("it has no permissions"))}.");
            }
        }
    }

    /// <summary>Looks whether the queues of a circuit are witnessed as it asks, and enough have approved of it.</summary>
    /// <exception cref="ArgumentException">They are not, or have not.</exception>
    public void Check(CircuitPlan circuit)
    {
        if (circuit.Circuit.Inputs.FirstOrDefault(input => input.IsUnresolved) is { } unresolved)
        {
            throw new ArgumentException(
                $"The circuit {circuit.Circuit} reads {unresolved.Address}, and it was not looked up what lies there: resolve the circuit "
                + "before it is added (Circuit.Resolve).");
        }

        if (CircuitApproval.Missing(circuit.Circuit, Approvers) is { } approvals)
        {
            throw new ArgumentException($"The circuit {approvals} (AddApprover).");
        }

        string[] missing = [.. WitnessTier.Missing(circuit.Circuit,
            queue => Witnesses.TryGetValue(queue, out WitnessPlan? witness) ? (true, witness.Options.IsDurable) : default)];
        if (missing.Length > 0)
        {
            throw new ArgumentException($"The circuit {string.Join("; ", missing)} (AddWitness).");
        }
    }

    /// <summary>Looks at the schema that a map names.</summary>
    /// <exception cref="ArgumentException">Its messages are not in queues.</exception>
    public void Check(MapPlan map)
    {
        if (QueueSchemas.WhyNot(Schemas, map.Schema) is { } reason)
        {
            throw new ArgumentException($"The schema of map {map.Name} {reason}");
        }
    }
}

/// <summary>One map to be kept.</summary>
internal sealed record MapPlan(string Name, string Queue, string Schema, string Key)
{
    /// <summary>What the named readers of all maps begin with.</summary>
    public const string ReaderPrefix = "map-";

    /// <summary>The named reader of the queue that remembers how far the map was folded.</summary>
    public string ReaderName => ReaderPrefix + Name;
}

/// <summary>One adapter to be run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Component">The component it comes from; null for a type that the host brings.</param>
internal sealed record AdapterPlan(string Name, WireSettings Settings, ComponentName? Component = null)
{
    /// <summary>The setting that names the component.</summary>
    public const string ComponentSetting = "Component";

    public string ComponentKey => Settings.KeyOf(ComponentSetting);
}

/// <summary>Where things lie below the data directory. The command line tool resolves names the same way.</summary>
internal sealed record DataLayout(string Root)
{
    public string Queue(string name) => Path.Combine(Root, "queues", name);

    /// <summary>The state of a declared pipeline.</summary>
    public string Pipeline(string name) => Path.Combine(Root, "pipelines", name);

    public string Map(string name) => Path.Combine(Root, "maps", name);

    /// <summary>The file in which a named reader of a queue keeps its place.</summary>
    public string Reader(string queue, string reader) => Path.Combine(Queue(queue), "tailers", reader + ".cursor");

    /// <summary>What an adapter keeps for itself.</summary>
    public string Adapter(string name) => Path.Combine(Root, "adapters", name);

    /// <summary>What circuits have used.</summary>
    public string Usage => Path.Combine(Root, "usage");

    public string Schemas => Path.Combine(Root, "schemas");
}
