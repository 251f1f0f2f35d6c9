using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Host.Runtime;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Wire.Iso20022;
using Estream.Witness;

namespace Estream.Host;

/// <summary>
/// Says what a host consists of. Order does not matter; names are checked when the host is built. Not thread-safe.
/// </summary>
public sealed class EstreamBuilder
{
    private readonly HostConfiguration _plan;

    internal EstreamBuilder(HostConfiguration plan) => _plan = plan;

    /// <summary>Where queues, maps and schemas are kept. Default: <c>data</c> in the current directory.</summary>
    /// <param name="directory">A path; created when the host starts.</param>
    public EstreamBuilder UseData(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _plan.Data = new DataLayout(Path.GetFullPath(directory));
        return this;
    }

    /// <summary>Which schemas messages may have. Default: those built in.</summary>
    /// <param name="schemas">Replaces what was set before.</param>
    public EstreamBuilder UseSchemas(EsfSchemaSet schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        _plan.Schemas = schemas;
        return this;
    }

    /// <summary>For whom the private fields of messages are sealed. Without the keys of their audiences, adapters are refused that would
    /// store messages with private fields.</summary>
    /// <param name="keys">Replaces what was set before.</param>
    public EstreamBuilder UseAudienceKeys(EsfAudienceKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _plan.AudienceKeys = keys;
        return this;
    }

    /// <summary>Where the tokens of cards are. Without it, adapters are refused that would store messages with tokenized fields. It is
    /// opened when the host starts.</summary>
    /// <param name="directory">The directory of the vault.</param>
    /// <param name="keyFile">The file of its key.</param>
    public EstreamBuilder UseCardVault(string directory, string keyFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentException.ThrowIfNullOrEmpty(keyFile);
        _plan.Vault = (directory, keyFile);
        return this;
    }

    /// <summary>Adds a queue. The queue <c>dead-letters</c> is always there, and keeps its messages for 30 days; adding it with options
    /// sets them.</summary>
    /// <param name="name">Its name and the name of its directory.</param>
    /// <param name="options">How it is opened, and for how long it keeps its messages; the defaults when omitted.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddQueue(string name, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == HostConfiguration.DeadLetters)
        {
            _plan.Queues[name] = options ?? _plan.Queues[name];
        }
        else
        {
            _plan.Queues.Add(name, options ?? new QueueOptions());
        }

        return this;
    }

    /// <summary>Sets how much space of the data volume has to be free for adapters to store messages. Default: 1 GiB or 5 % of the
    /// volume, whichever is less.</summary>
    /// <param name="bytes">Bytes; 0 for no floor.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public EstreamBuilder UseMinFreeBytes(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _plan.MinFreeBytes = bytes;
        return this;
    }

    /// <summary>Lets adapters store messages in a queue also when less than the minimum is free: orders and payments, for which the
    /// minimum is a reserve.</summary>
    /// <param name="queue">The name of the queue.</param>
    public EstreamBuilder UseReserve(string queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        _plan.UsesReserve.Add(queue);
        return this;
    }

    /// <summary>Has administrative acts recorded in the queue <c>sys/audit</c>, which is witnessed with a key of its own,
    /// <c>audit.key</c> in the data folder, made at the first start. See docs/guides/operating.md.</summary>
    public EstreamBuilder UseAudit()
    {
        _plan.IsAudited = true;
        return this;
    }

    /// <summary>Has the messages of a queue attested as they come, into a queue of its name and <see cref="QueueWitness.DirectoryEnding"/>,
    /// on a thread of its own. See docs/guides/witness.md.</summary>
    /// <param name="queue">The queue, which has to be added too.</param>
    /// <param name="keyFile">The file of an ML-DSA-87 key, as <c>estream key new</c> makes it; read when the host starts.</param>
    /// <param name="options">How; the defaults when omitted. The clock is the host's.</param>
    /// <exception cref="ArgumentException">The queue is witnessed already.</exception>
    public EstreamBuilder AddWitness(string queue, string keyFile, WitnessOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentException.ThrowIfNullOrEmpty(keyFile);
        _plan.Witnesses.Add(queue, new WitnessPlan(queue, keyFile, options ?? new WitnessOptions()));
        return this;
    }

    /// <summary>Adds a map that holds the newest message of a queue per value of a field.</summary>
    /// <param name="name">Its name and the name of its directory.</param>
    /// <param name="queue">The queue it follows.</param>
    /// <param name="schema">The schema of the messages it takes; others are passed over. The host does not start with one whose messages
    /// are not in queues (<see cref="EsfSchema.StandsInQueues"/>).</param>
    /// <param name="key">The field whose value is the key.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddMap(string name, string queue, string schema, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _plan.Maps.Add(name, new MapPlan(name, queue, schema, key));
        return this;
    }

    /// <summary>Adds a declared pipeline. The queues it names have to be added too; the map of its results is made by it.</summary>
    /// <param name="pipeline">The pipeline, of a file that a <see cref="PipelineReader"/> has read.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddPipeline(DeclaredPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        _plan.Pipelines.Add(pipeline.Name, pipeline);
        return this;
    }

    /// <summary>Gives a queue an address, at which the inputs of circuits and <c>/api/lex</c> find it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="queue">The queue.</param>
    /// <exception cref="ArgumentException">The address belongs to something else already.</exception>
    public EstreamBuilder AddAddress(LexAddress address, string queue)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        _plan.Streams.Add(address, new LexTarget(LexTargetKind.Queue, queue));
        return this;
    }

    /// <summary>Adds a circuit. The queues it names have to be added too; the maps of its outputs are made by it.</summary>
    /// <param name="circuit">The circuit, whose nodes are all known or
    /// <see cref="Circuit.Bind(IReadOnlyDictionary{string, CircuitFunction})">bound</see>.</param>
    /// <param name="tenant">Who is charged for it.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddCircuit(Circuit circuit, string tenant = CircuitRuntime.DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        _plan.Circuits.Add(circuit.Name, new CircuitPlan(circuit, tenant));
        _plan.Streams.Add(circuit);
        return this;
    }

    /// <summary>Adds somebody who may approve of circuits that ask for approvals (<see cref="CircuitApproval"/>).</summary>
    /// <param name="key">Their public key.</param>
    public EstreamBuilder AddApprover(IVerifier key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _plan.Approvers.Add(key);
        return this;
    }

    /// <summary>Adds a card, whose state and counters the host shows. One that is not there, or fails, is looked for again.</summary>
    /// <param name="uri">Its address: <c>sim:</c>, <c>vfio:0000:3b:00.0</c>.</param>
    /// <exception cref="InvalidOperationException">There are 16 cards.</exception>
    public EstreamBuilder AddCard(string uri)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uri.Length, 63);
        if (_plan.Cards.Count == 16)
        {
            throw new InvalidOperationException("A host has at most 16 cards.");
        }

        _plan.Cards.Add(uri);
        return this;
    }

    /// <summary>Says what the circuits of a tenant may use together.</summary>
    /// <param name="name">The name of the tenant.</param>
    /// <param name="limits">Its limits.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddTenant(string name, TenantLimits limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(limits);
        _plan.Tenants.Add(name, limits);
        return this;
    }

    /// <summary>Says how closely the streams of circuits are looked at: by <see cref="ObservationLevel.Distributions"/> where nothing is
    /// said.</summary>
    /// <param name="options">How closely, and what that may cost.</param>
    public EstreamBuilder UseStreamObservation(StreamObservationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _plan.Observation = options;
        return this;
    }

    /// <summary>Makes a type of adapter known, so that adapters of it can be added.</summary>
    /// <param name="factory">Makes them.</param>
    /// <exception cref="ArgumentException">The type is known already.</exception>
    public EstreamBuilder AddAdapterType(IWireAdapterFactory factory)
    {
        _plan.Registry.Register(factory);
        return this;
    }

    /// <summary>Adds an adapter of a known type.</summary>
    /// <param name="name">Its name in logs, health and metrics.</param>
    /// <param name="settings">Its settings; the key <c>Type</c> says which type it is.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddWireAdapter(string name, WireSettings settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        _plan.Adapters.Add(name, new AdapterPlan(name, settings));
        return this;
    }

    /// <summary>Where components are installed, from which <see cref="AddComponentAdapter"/> takes adapters. See
    /// docs/guides/components.md.</summary>
    /// <param name="workspace">The folder with <c>estream-workspace.lock</c>.</param>
    /// <param name="cache">The folder with their files; <see cref="ComponentCache.UserFolder"/> when omitted.</param>
    /// <param name="revokedFile">A list of components, versions, key ids and roots that are not loaded; none when omitted.</param>
    public EstreamBuilder UseComponents(string workspace, string? cache = null, string? revokedFile = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(workspace);
        _plan.Components = new ComponentWorkspace(Path.GetFullPath(workspace), Path.GetFullPath(cache ?? ComponentCache.UserFolder))
        {
            RevokedFile = revokedFile is null ? null : Path.GetFullPath(revokedFile),
        };
        return this;
    }

    /// <summary>Adds an adapter that is an installed component. Its code runs in this process and may do all that the process may: its load
    /// context keeps versions apart and nobody from anything.</summary>
    /// <param name="name">Its name in logs, health and metrics.</param>
    /// <param name="component">The component, as in <c>@acme/doors</c>.</param>
    /// <param name="settings">Its settings.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    /// <exception cref="FormatException">That is no name of a component.</exception>
    public EstreamBuilder AddComponentAdapter(string name, string component, WireSettings settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(component);
        ArgumentNullException.ThrowIfNull(settings);
        _plan.Adapters.Add(name, new AdapterPlan(name, settings, ComponentName.Parse(component)));
        return this;
    }
}

/// <summary>Makes FIX known to a host.</summary>
internal static class EstreamBuilderFix
{
    /// <summary>Adds the adapter types <c>fix-acceptor</c>, which counterparties connect to, and <c>fix-initiator</c>, which connects to a
    /// venue.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddFix(this EstreamBuilder builder) =>
        builder.AddAdapterType(new FixAcceptorFactory()).AddAdapterType(new FixInitiatorFactory());
}

/// <summary>Makes ISO 20022 known to a host.</summary>
public static class EstreamBuilderIso20022
{
    /// <summary>Adds the adapter type <c>iso20022-folder</c>, which takes messages of banks from a folder and puts others into another
    /// one.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddIso20022(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new Iso20022FolderFactory());
    }
}
