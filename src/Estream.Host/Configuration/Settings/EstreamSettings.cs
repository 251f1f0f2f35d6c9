using System.Net;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Marketplace.Server;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The checked configuration. Paths are absolute.</summary>
internal sealed record EstreamSettings(
    string Data,
    HttpSettings Http,
    IReadOnlyList<string> Schemas,
    IReadOnlyList<QueueSettings> Queues,
    IReadOnlyList<MapSettings> Maps,
    IReadOnlyList<AdapterSettings> Adapters,
    string? PrivacyKeys = null,
    VaultSettings? Vault = null)
{
    /// <summary>The declared pipelines of all files.</summary>
    public IReadOnlyList<DeclaredPipeline> Pipelines { get; init; } = [];

    /// <summary>The number of partitions of each partitioned queue and of each followed copy of one. The queues contain the
    /// partitions.</summary>
    public IReadOnlyDictionary<string, int> Partitioned { get; init; } = new Dictionary<string, int>();

    /// <summary>The minimum free space in bytes for adapters to run; null for the default.</summary>
    public long? MinFreeBytes { get; init; }

    /// <summary>Whether the group of the host may read queues and maps.</summary>
    public bool HasGroupReaders { get; init; }

    /// <summary>How long a reader may keep retention from deleting a segment; null for the default.</summary>
    public TimeSpan? MaxRetentionHold { get; init; }

    /// <summary>The settings of the history; null if the host keeps none.</summary>
    public HistoryPlan? History { get; init; }

    /// <summary>The alert rules, and where changes of alerts are sent.</summary>
    public AlertPlan Alerts { get; init; } = AlertPlan.None;

    public IReadOnlyList<CircuitPlan> Circuits { get; init; } = [];

    /// <summary>The public keys of the people who may approve circuits.</summary>
    public IReadOnlyList<IVerifier> Approvers { get; init; } = [];

    /// <summary>The identities of the host in the sessions of transcripts, by queue.</summary>
    public IReadOnlyDictionary<string, MpcIdentity> Identities { get; init; } = new Dictionary<string, MpcIdentity>();

    /// <summary>The approvals that circuits need by governance category.</summary>
    public IReadOnlyDictionary<string, int> GovernanceApprovals { get; init; } = new Dictionary<string, int>();

    /// <summary>The addresses of FPGA cards.</summary>
    public IReadOnlyList<string> Cards { get; init; } = [];

    /// <summary>The publishers and subscribers of queues.</summary>
    public IReadOnlyList<MulticastPlan> Multicast { get; init; } = [];

    /// <summary>The replicas of queues and maps.</summary>
    public IReadOnlyList<ReplicaPlan> Replicas { get; init; } = [];

    /// <summary>What is replicated through brokers; null if nothing is.</summary>
    public ReplicationPlan? Replication { get; init; }

    /// <summary>How remote clients reach queues and maps.</summary>
    public ClientSettings Client { get; init; } = new();

    /// <summary>The limits of tenants by name.</summary>
    public IReadOnlyDictionary<string, TenantLimits> Tenants { get; init; } = new Dictionary<string, TenantLimits>();

    /// <summary>The observation level of circuit streams.</summary>
    public required StreamObservationOptions Observation { get; init; }

    /// <summary>The OTLP export of metrics and traces; null if nothing is exported.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    /// <summary>The workspace of components; null if none are used.</summary>
    public ComponentSettings? Components { get; init; }

    /// <summary>The marketplace server; null if the host runs none.</summary>
    public MarketplaceServerOptions? Marketplace { get; init; }

    /// <summary>The gateway edition; null if the host has none.</summary>
    public GatewayPlan? Gateway { get; init; }

    /// <summary>The addresses of queues, circuits and their streams.</summary>
    public LexDirectory Streams { get; init; } = new();

    /// <summary>All pipelines, including those of circuits.</summary>
    public IEnumerable<DeclaredPipeline> AllPipelines => Pipelines.Concat(Circuits.SelectMany(circuit => circuit.Circuit.Pipelines));
}

/// <summary>The workspace of components. A null cache means the default folder.</summary>
internal sealed record ComponentSettings(string Workspace, string? Cache, string? RevokedFile, long WidgetBytes);

/// <summary>The card vault. Paths are absolute.</summary>
internal sealed record VaultSettings(string Directory, string KeyFile);

/// <summary>A built-in wire adapter or a component. Its specific keys stay in <paramref name="Section"/>, because only its factory knows
/// them.</summary>
internal sealed record AdapterSettings(string Name, string? Type, string? Component, IConfigurationSection Section);

/// <summary>The HTTP listener of console, REST API, health and metrics. <paramref name="Token"/> is null on loopback unless set.</summary>
internal sealed record HttpSettings(IPAddress Address, int Port, string? Token)
{
    /// <summary>The role of requests from this machine without a token.</summary>
    public AccessRole LoopbackRole { get; init; }

    /// <summary>The file of access tokens; null if there are none.</summary>
    public string? TokensFile { get; init; }

    /// <summary>The certificate of HTTPS, in PEM; null for plain HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>The key of the certificate, in PEM; null if the certificate file contains it.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>The port that serves only health and metrics; null for none.</summary>
    public int? ManagementPort { get; init; }

    /// <summary>The address of <see cref="ManagementPort"/>; null for <see cref="Address"/>.</summary>
    public IPAddress? ManagementAddress { get; init; }

    /// <summary>The Unix socket for programs of the host's user; null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>The proxies whose X-Forwarded-For and X-Forwarded-Proto headers are trusted.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>The maximum number of connections per remote address.</summary>
    public int MaxConnectionsPerAddress { get; init; } = DefaultConnectionsPerAddress;

    public const int DefaultConnectionsPerAddress = 128;

    public const int DefaultPort = 5080;

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Omits the token, so printing the settings never logs it.</summary>
    public override string ToString() => $"{Address}:{Port}{(Token is null ? "" : " (token set)")}";
}

/// <summary>A map with the newest message of <paramref name="Queue"/> per value of the field <paramref name="Key"/>.</summary>
internal sealed record MapSettings(string Name, string Queue, string Schema, string Key);

/// <summary>A queue: a directory below <c>queues/</c>. Null and 0 mean the library's defaults: its segment size, no limit of bytes, not
/// encrypted.</summary>
/// <param name="Name">The name of the queue and of its directory.</param>
/// <param name="SegmentBytes">The segment size in bytes.</param>
/// <param name="RetainedBytes">The number of bytes to retain; 0 for unlimited, null for the default of the queue.</param>
/// <param name="RetainedAge">The retention time; zero for unlimited, null for the time defined by the schemas of its messages.</param>
/// <param name="MemoryBytes">The maximum part of the queue in the page cache, in bytes.</param>
/// <param name="KeyFile">The file with the master keys that encrypt the queue; null if it is not encrypted.</param>
/// <param name="Witness">The witness settings; null if the queue is not witnessed.</param>
/// <param name="Durability">One of <see cref="QueueDurability.Names"/>; null for the default, see <see cref="QueueDurability"/>.</param>
/// <param name="UsesReserve">Whether adapters may append when the free space is below the minimum; null for the default.</param>
/// <param name="TrustedKeys">The file of the keys that messages must be signed with; null if unsigned messages are accepted.</param>
/// <param name="Region">The region that the messages must not leave; null if there is none.</param>
/// <param name="PrivateKeyFile">The ML-KEM-1024 key that opens wrapped master keys; null if none is wrapped.</param>
internal sealed record QueueSettings(string Name, long? SegmentBytes = null, long? RetainedBytes = null, TimeSpan? RetainedAge = null,
    long MemoryBytes = 0, string? KeyFile = null,
    WitnessSettings? Witness = null, string? Durability = null, bool? UsesReserve = null,
    string? TrustedKeys = null, string? Region = null, string? PrivateKeyFile = null);

/// <summary>The witness settings of a queue. Paths are absolute; null means the library's defaults.</summary>
/// <param name="KeyFile">The signing key.</param>
/// <param name="EarlierKeys">The public keys that earlier attestations may be signed with.</param>
/// <param name="MaxMessages">The maximum number of messages per attestation.</param>
/// <param name="MaxDelayMs">The maximum time a message waits for its attestation, in milliseconds.</param>
/// <param name="IsDurable">Whether messages are flushed before they are attested.</param>
/// <param name="Card">The card that hashes the messages; null for the processor.</param>
internal sealed record WitnessSettings(string KeyFile, IReadOnlyList<string> EarlierKeys, int? MaxMessages = null, int? MaxDelayMs = null,
    bool IsDurable = false, string? Card = null);

/// <summary>The OTLP export of metrics and traces. <paramref name="Headers"/> contain credentials.</summary>
internal sealed record TelemetrySettings(Uri Endpoint, bool IsGrpc, IReadOnlyDictionary<string, string> Headers, string ServiceName,
    bool HasMetrics, bool HasTraces, TimeSpan Interval)
{
    /// <summary>Omits the credentials, so printing the settings never logs them.</summary>
    public override string ToString() => $"{Endpoint} ({(IsGrpc ? "gRPC" : "HTTP")}, {Headers.Count} headers)";
}
