using Estream.Circuits;
using Estream.Client;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Host.Configuration;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Net.Multicast;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;
using Estream.Queue;
using Estream.Replication;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Wire.Iso20022;
using Estream.Witness;

namespace Estream.Host;

/// <summary>
/// Configures the parts of a host. The order of calls does not matter; names are checked when the host is built. Not thread-safe.
/// </summary>
public sealed class EstreamBuilder
{
    private readonly HostConfiguration _plan;

    internal EstreamBuilder(HostConfiguration plan) => _plan = plan;

    /// <summary>Sets the data folder for queues, maps and schemas. Default: <c>data</c> in the current directory.</summary>
    /// <param name="directory">A path; created when the host starts.</param>
    public EstreamBuilder UseData(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _plan.Data = _plan.Data with { Root = Path.GetFullPath(directory) };
        return this;
    }

    /// <summary>Sets the schemas that messages may have. Default: the built-in schemas.</summary>
    /// <param name="schemas">The schemas; replaces schemas set before.</param>
    public EstreamBuilder UseSchemas(EsfSchemaSet schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        _plan.Schemas = schemas;
        return this;
    }

    /// <summary>Sets the public keys that private fields of messages are sealed for. Without the keys of all audiences, adapters that would
    /// store messages with private fields are refused.</summary>
    /// <param name="keys">The keys; replaces keys set before.</param>
    public EstreamBuilder UseAudienceKeys(EsfAudienceKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _plan.AudienceKeys = keys;
        return this;
    }

    /// <summary>Sets the card vault, which is opened when the host starts. Without it, adapters that would store messages with tokenized
    /// fields are refused.</summary>
    /// <param name="directory">The directory of the vault.</param>
    /// <param name="keyFile">The key file of the vault.</param>
    public EstreamBuilder UseCardVault(string directory, string keyFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentException.ThrowIfNullOrEmpty(keyFile);
        _plan.Vault = (directory, keyFile);
        return this;
    }

    /// <summary>Adds a queue. The queue <c>dead-letters</c> always exists and retains its messages for 30 days; add it to change its
    /// options.</summary>
    /// <param name="name">The name of the queue and of its directory.</param>
    /// <param name="options">The options of the queue; default options if omitted.</param>
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

    /// <summary>Adds a partitioned queue. Each partition is a queue of the host with the name <c>NAME.0000</c>, <c>NAME.0001</c> and so on:
    /// pass these names to the other methods.</summary>
    /// <param name="name">The name of the queue and of its directory.</param>
    /// <param name="partitions">The number of partitions, 1 to <see cref="PartitionedQueue.MaxPartitions"/>. Fixed when the queue is
    /// created.</param>
    /// <param name="options">The options of each partition; default options if omitted.</param>
    /// <exception cref="ArgumentException">The name was used before, or the number is out of range.</exception>
    public EstreamBuilder AddPartitionedQueue(string name, int partitions, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, PartitionedQueue.MaxPartitions);
        for (int partition = 0; partition < partitions; partition++)
        {
            AddQueue(PartitionName.Of(name, partition), options);
        }

        return AddPartitioned(new Dictionary<string, int> { [name] = partitions });
    }

    /// <summary>Adds the number of partitions of queues whose partitions are added as queues, or followed.</summary>
    internal EstreamBuilder AddPartitioned(IReadOnlyDictionary<string, int> queues)
    {
        foreach ((string name, int partitions) in queues)
        {
            _plan.Data.Partitioned.Add(name, partitions);
        }

        return this;
    }

    /// <summary>Sets the free space of the data volume below which adapters stop storing messages. Default: 1 GiB or 5 % of the volume,
    /// whichever is less.</summary>
    /// <param name="bytes">The minimum in bytes; 0 for no minimum.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public EstreamBuilder UseMinFreeBytes(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _plan.MinFreeBytes = bytes;
        return this;
    }

    /// <summary>Lets adapters store messages in a queue even below the minimum free space. The minimum is a reserve for such messages, for
    /// example orders and payments.</summary>
    /// <param name="queue">The name of the queue.</param>
    public EstreamBuilder UseReserve(string queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        _plan.UsesReserve.Add(queue);
        return this;
    }

    /// <summary>Determines the durability of the queues of a configuration. Call it when the adapters are added.</summary>
    internal QueueDurability DurabilityOf(EstreamSettings settings) => new(settings, _plan);

    /// <summary>Adds a warning that the host logs at start.</summary>
    internal void Warn(DurabilityWarning warning) => _plan.DurabilityWarnings.Add(warning);

    /// <summary>Records administrative actions in the queue <c>sys/audit</c>. The queue is witnessed with its own key, <c>audit.key</c> in
    /// the data folder, created at the first start. See docs/guides/operating/secure.md.</summary>
    public EstreamBuilder UseAudit()
    {
        _plan.IsAudited = true;
        return this;
    }

    /// <summary>Records the history of rates, sizes and lags; null to record none.</summary>
    internal EstreamBuilder UseHistory(HistoryPlan? history)
    {
        _plan.History = history;
        return this;
    }

    /// <summary>Sets the alert rules. They need the history.</summary>
    internal EstreamBuilder UseAlerts(AlertPlan alerts)
    {
        _plan.Alerts = alerts;
        return this;
    }

    /// <summary>Attests the messages of a queue continuously, on a dedicated thread. The attestations go to a queue with its name plus
    /// <see cref="QueueWitness.DirectoryEnding"/>. See docs/guides/witness.md.</summary>
    /// <param name="queue">The queue, which must be added too.</param>
    /// <param name="keyFile">An ML-DSA-87 key file, created by <c>estream key new</c>; read when the host starts.</param>
    /// <param name="options">The options; default options if omitted. The clock of the host is used.</param>
    /// <param name="card">The address of the card that hashes the messages, which must be added too (<see cref="AddCard"/>). While the
    /// card is not available, another card or the processor hashes them. Default: null, the processor.</param>
    /// <exception cref="ArgumentException">The queue already has a witness.</exception>
    public EstreamBuilder AddWitness(string queue, string keyFile, WitnessOptions? options = null, string? card = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentException.ThrowIfNullOrEmpty(keyFile);
        _plan.Witnesses.Add(queue, new WitnessPlan(queue, keyFile, options ?? new WitnessOptions(), card));
        return this;
    }

    /// <summary>Makes a queue accept signed messages only. A message from an adapter or a client without a valid signature of a trusted
    /// key is refused and stored as a dead letter. See docs/guides/crypto.md.</summary>
    /// <param name="queue">The queue, which must be added too, and which no pipeline or circuit writes.</param>
    /// <param name="trustedKeys">The file of trusted keys (<see cref="EsfTrustedKeys.Load"/>); read when the host starts, and again when it
    /// changes.</param>
    /// <exception cref="ArgumentException">The queue already has such a file.</exception>
    public EstreamBuilder RequireSignature(string queue, string trustedKeys)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentException.ThrowIfNullOrEmpty(trustedKeys);
        _plan.SignedQueues.Add(queue, Path.GetFullPath(trustedKeys));
        return this;
    }

    /// <summary>Makes the host a party of the sessions of a transcript, in which circuits with <c>stream_pattern: mpc_session</c> enter
    /// numbers. See docs/formats/escir.md.</summary>
    /// <param name="transcript">The queue of the sessions. Add this queue too.</param>
    /// <param name="identity">All parties, and the private key of the host. The caller disposes the key after the host.</param>
    /// <exception cref="ArgumentException">The queue already has an identity.</exception>
    public EstreamBuilder UseIdentity(string transcript, MpcIdentity identity)
    {
        ArgumentException.ThrowIfNullOrEmpty(transcript);
        ArgumentNullException.ThrowIfNull(identity);
        _plan.Identities.Add(transcript, identity);
        return this;
    }

    /// <summary>Adds a map with the newest message of a queue per value of a field.</summary>
    /// <param name="name">The name of the map and of its directory.</param>
    /// <param name="queue">The source queue.</param>
    /// <param name="schema">The schema of the messages in the map; other messages are skipped. The host does not start if messages of this
    /// schema cannot be stored in queues (<see cref="EsfSchema.StandsInQueues"/>).</param>
    /// <param name="key">The field whose value is the key.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddMap(string name, string queue, string schema, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _plan.Maps.Add(name, new MapPlan(name, queue, schema, key));
        return this;
    }

    /// <summary>Serves remote clients, and adds the maps that they write.</summary>
    /// <param name="client">The settings.</param>
    internal EstreamBuilder AddClients(ClientSettings client)
    {
        _plan.ServesClients = true;
        _plan.MaxCursorAge = client.MaxCursorAge;
        foreach ((string name, ClientMapSettings map) in client.Maps)
        {
            QueueKeyRing? keys = map.KeyFile is { } file ? MasterKeyFile.Read(file, map.PrivateKeyFile) : null;
            _plan.ClientMaps.Add(name, (map.MaxEntries, keys, map.IsFlushed));
        }

        return this;
    }

    /// <summary>Publishes a queue to other machines. See docs/formats/multicast.md.</summary>
    /// <param name="name">The name of the publisher in logs, health and metrics.</param>
    /// <param name="queue">The queue, which must be added too.</param>
    /// <param name="channel">The network.</param>
    /// <param name="options">The options; default options if omitted. Its clock is replaced by the clock of the host.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddMulticastPublisher(
        string name, string queue, MulticastChannelOptions channel, MulticastPublisherOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentNullException.ThrowIfNull(channel);
        return AddMulticast(new MulticastPlan(name, queue, channel) { Publisher = options ?? new MulticastPublisherOptions() });
    }

    /// <summary>Rebuilds a queue that another machine publishes, in the data folder of this host. Only the subscriber writes the copy; it
    /// must not be added as a queue.</summary>
    /// <param name="name">The name of the subscriber in logs, health and metrics.</param>
    /// <param name="copy">The name of the copy and of its directory.</param>
    /// <param name="channel">The network.</param>
    /// <param name="options">The options; default options if omitted. Its clock is replaced by the clock of the host.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddMulticastSubscriber(
        string name, string copy, MulticastChannelOptions channel, MulticastSubscriberOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(copy);
        ArgumentNullException.ThrowIfNull(channel);
        return AddMulticast(new MulticastPlan(name, copy, channel) { Subscriber = options ?? new MulticastSubscriberOptions() });
    }

    internal EstreamBuilder AddMulticast(MulticastPlan plan)
    {
        _plan.Multicast.Add(plan.Name, plan);
        return this;
    }

    /// <summary>Keeps a replica of a queue up to date while the host runs. A replica of an encrypted queue is encrypted under the same
    /// master keys.</summary>
    /// <param name="name">The name of the replica; it starts with a letter.</param>
    /// <param name="queue">The queue, which must be added too.</param>
    /// <param name="folder">The folder that receives the replica, in <c>queues/NAME</c>.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddQueueReplica(string name, string queue, string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        return AddReplica(new ReplicaPlan(name, queue, null, Path.GetFullPath(folder)));
    }

    /// <summary>Keeps a replica of a map up to date while the host runs.</summary>
    /// <param name="name">The name of the replica; it starts with a letter.</param>
    /// <param name="map">The map, which must be added too.</param>
    /// <param name="folder">The folder that receives the replica, in <c>maps/NAME</c>.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddMapReplica(string name, string map, string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(map);
        return AddReplica(new ReplicaPlan(name, null, map, Path.GetFullPath(folder)));
    }

    internal EstreamBuilder AddReplica(ReplicaPlan plan)
    {
        ArgumentException.ThrowIfNullOrEmpty(plan.Name);
        _plan.Replicas.Add(plan.Name, plan);
        return this;
    }

    /// <summary>Replicates queues through the brokers of a cluster. See docs/guides/replication.md.</summary>
    /// <param name="cluster">The brokers.</param>
    /// <param name="publish">The queues of this host to replicate, which must be added too.</param>
    /// <param name="follow">The queues of other hosts to copy into the data folder. Only replication writes a copy; it must not be added as
    /// a queue.</param>
    /// <exception cref="ArgumentException">A value of the cluster is out of range.</exception>
    public EstreamBuilder UseReplication(ReplicationCluster cluster, IReadOnlyList<string> publish, IReadOnlyList<string>? follow = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(publish);
        cluster.Validate();
        return UseReplication(new ReplicationPlan(cluster, publish, follow ?? []));
    }

    internal EstreamBuilder UseReplication(ReplicationPlan plan)
    {
        _plan.Replication = plan;
        return this;
    }

    /// <summary>Adds a declared pipeline. The queues it names must be added too; the pipeline creates the map of its results.</summary>
    /// <param name="pipeline">The pipeline, read from a file by <see cref="PipelineReader"/>.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddPipeline(DeclaredPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        _plan.Pipelines.Add(pipeline.Name, pipeline);
        return this;
    }

    /// <summary>Sets the address of a queue, by which circuit inputs and <c>/api/lex</c> find it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="queue">The queue.</param>
    /// <exception cref="ArgumentException">The address is already in use.</exception>
    public EstreamBuilder AddAddress(LexAddress address, string queue)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        _plan.Streams.Add(address, new LexTarget(LexTargetKind.Queue, queue));
        return this;
    }

    /// <summary>Adds a circuit. The queues it names must be added too; the circuit creates the maps of its outputs.</summary>
    /// <param name="circuit">The circuit. All its nodes must be known or
    /// <see cref="Circuit.Bind(IReadOnlyDictionary{string, CircuitFunction})">bound</see>.</param>
    /// <param name="tenant">The tenant charged for the circuit.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddCircuit(Circuit circuit, string tenant = CircuitRuntime.DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        _plan.Circuits.Add(circuit.Name, new CircuitPlan(circuit, tenant));
        _plan.Streams.Add(circuit);
        return this;
    }

    /// <summary>Adds an approver for circuits that require approvals (<see cref="CircuitApproval"/>).</summary>
    /// <param name="key">The public key of the approver.</param>
    public EstreamBuilder AddApprover(IVerifier key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _plan.Approvers.Add(key);
        return this;
    }

    /// <summary>Requires approvals for the circuits of a governance category, in addition to those that their files require.</summary>
    /// <param name="category">The category, as in the annotation <c>governance_category</c>.</param>
    /// <param name="approvals">The number of approvals, at least 1.</param>
    public EstreamBuilder RequireApprovals(string category, int approvals)
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        ArgumentOutOfRangeException.ThrowIfLessThan(approvals, 1);
        _plan.GovernanceApprovals[category] = approvals;
        return this;
    }

    /// <summary>Adds an FPGA card, whose state and counters the host shows. A card that is missing or fails is opened again
    /// later.</summary>
    /// <param name="uri">The address of the card, such as <c>sim:</c> or <c>vfio:0000:3b:00.0</c>.</param>
    /// <exception cref="InvalidOperationException">The host already has 16 cards.</exception>
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

    /// <summary>Adds a tenant with limits for all its circuits together.</summary>
    /// <param name="name">The name of the tenant.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddTenant(string name, TenantLimits limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(limits);
        _plan.Tenants.Add(name, limits);
        return this;
    }

    /// <summary>Sets how closely circuit streams are observed. Default: <see cref="ObservationLevel.Distributions"/>.</summary>
    /// <param name="options">The observation level and its cost limits.</param>
    public EstreamBuilder UseStreamObservation(StreamObservationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _plan.Observation = options;
        return this;
    }

    /// <summary>Registers an adapter type, so adapters of this type can be added.</summary>
    /// <param name="factory">The factory of the adapters.</param>
    /// <exception cref="ArgumentException">The type is already registered.</exception>
    public EstreamBuilder AddAdapterType(IWireAdapterFactory factory)
    {
        _plan.Registry.Register(factory);
        return this;
    }

    /// <summary>Adds an adapter of a registered type.</summary>
    /// <param name="name">The name of the adapter in logs, health and metrics.</param>
    /// <param name="settings">The settings; the key <c>Type</c> names the adapter type.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public EstreamBuilder AddWireAdapter(string name, WireSettings settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        _plan.Adapters.Add(name, new AdapterPlan(name, settings));
        return this;
    }

    /// <summary>Sets the workspace of the components used by <see cref="AddComponentAdapter"/>. See docs/guides/components.md.</summary>
    /// <param name="workspace">The folder with <c>estream-workspace.lock</c>.</param>
    /// <param name="cache">The folder with the files of components; <see cref="ComponentCache.UserFolder"/> if omitted.</param>
    /// <param name="revokedFile">A list of components, versions, key ids and roots that must not be loaded; none if omitted.</param>
    /// <param name="widgetBytes">The maximum number of bytes of widgets in memory; widgets beyond it are not served.</param>
    public EstreamBuilder UseComponents(string workspace, string? cache = null, string? revokedFile = null,
        long widgetBytes = ComponentWorkspace.DefaultWidgetBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(workspace);
        ArgumentOutOfRangeException.ThrowIfNegative(widgetBytes);
        _plan.Components = new ComponentWorkspace(Path.GetFullPath(workspace), Path.GetFullPath(cache ?? ComponentCache.UserFolder))
        {
            RevokedFile = revokedFile is null ? null : Path.GetFullPath(revokedFile),
            WidgetBytes = widgetBytes,
        };
        return this;
    }

    /// <summary>Limits the host to a gateway edition: an installed integration whose manifest names limits. See
    /// docs/guides/gateways.md.</summary>
    /// <param name="component">The component, such as <c>gateway-lite</c>.</param>
    /// <param name="hasStandby">Whether two hosts share the data folder: the second host to start waits until the first has ended.</param>
    /// <exception cref="FormatException">The text is not a valid component name.</exception>
    public EstreamBuilder UseGateway(string component, bool hasStandby = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(component);
        _plan.Gateway = new GatewayPlan(ComponentName.Parse(component), hasStandby);
        return this;
    }

    /// <summary>Adds an adapter that is an installed component. Its code runs in this process and can do everything the process can: the
    /// load context isolates versions but is not a sandbox.</summary>
    /// <param name="name">The name of the adapter in logs, health and metrics.</param>
    /// <param name="component">The component, such as <c>@acme/doors</c>.</param>
    /// <param name="settings">The settings.</param>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    /// <exception cref="FormatException">The text is not a valid component name.</exception>
    public EstreamBuilder AddComponentAdapter(string name, string component, WireSettings settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(component);
        ArgumentNullException.ThrowIfNull(settings);
        _plan.Adapters.Add(name, new AdapterPlan(name, settings, ComponentName.Parse(component)));
        return this;
    }
}

/// <summary>Adds FIX to a host.</summary>
internal static class EstreamBuilderFix
{
    /// <summary>Adds the adapter types <c>fix-acceptor</c>, which counterparties connect to, and <c>fix-initiator</c>, which connects to a
    /// venue.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddFix(this EstreamBuilder builder) =>
        builder.AddAdapterType(new FixAcceptorFactory()).AddAdapterType(new FixInitiatorFactory());
}

/// <summary>Adds ISO 20022 to a host.</summary>
public static class EstreamBuilderIso20022
{
    /// <summary>Adds the adapter types <c>iso20022-folder</c>, which reads messages of banks from a folder and writes outgoing messages to
    /// another folder, <c>iso20022-listener</c>, which banks connect to, and <c>iso20022-client</c>, which connects to a bank.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddIso20022(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new Iso20022FolderFactory()).AddAdapterType(new Iso20022ListenerFactory())
            .AddAdapterType(new Iso20022ClientFactory());
    }
}
