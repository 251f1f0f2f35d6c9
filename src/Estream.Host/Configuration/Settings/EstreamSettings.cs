using System.Net;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Host.Runtime;
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
    /// <summary>The declared pipelines, of all files together.</summary>
    public IReadOnlyList<DeclaredPipeline> Pipelines { get; init; } = [];

    /// <summary>How much space has to be free for adapters to go on; null for the default.</summary>
    public long? MinFreeBytes { get; init; }

    /// <summary>Whether the group of the host may read queues and maps.</summary>
    public bool HasGroupReaders { get; init; }

    /// <summary>How long a reader may keep retention from a segment; null for the default.</summary>
    public TimeSpan? MaxRetentionHold { get; init; }

    public IReadOnlyList<CircuitPlan> Circuits { get; init; } = [];

    /// <summary>Who may approve of circuits.</summary>
    public IReadOnlyList<IVerifier> Approvers { get; init; } = [];

    /// <summary>Addresses of cards.</summary>
    public IReadOnlyList<string> Cards { get; init; } = [];

    /// <summary>What tenants may use, by their names.</summary>
    public IReadOnlyDictionary<string, TenantLimits> Tenants { get; init; } = new Dictionary<string, TenantLimits>();

    /// <summary>How closely streams of circuits are looked at.</summary>
    public required StreamObservationOptions Observation { get; init; }

    /// <summary>Where metrics and traces go; null where they are only asked for.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    /// <summary>Where components are installed; null where none are used.</summary>
    public ComponentSettings? Components { get; init; }

    /// <summary>What lies at which address.</summary>
    public LexDirectory Streams { get; init; } = new();

    /// <summary>All pipelines, those by which circuits run among them.</summary>
    public IEnumerable<DeclaredPipeline> AllPipelines => Pipelines.Concat(Circuits.SelectMany(circuit => circuit.Circuit.Pipelines));
}

/// <summary>Where components are installed. Null for a cache in its usual place.</summary>
internal sealed record ComponentSettings(string Workspace, string? Cache, string? RevokedFile);

/// <summary>The vault of the tokens of cards. Paths are absolute.</summary>
internal sealed record VaultSettings(string Directory, string KeyFile);

/// <summary>One wire adapter, of a type of this host or of a component. Its own keys stay in <paramref name="Section"/>: only its factory
/// knows them.</summary>
internal sealed record AdapterSettings(string Name, string? Type, string? Component, IConfigurationSection Section);

/// <summary>Where console, REST, health and metrics are served. <paramref name="Token"/> is null on loopback unless set.</summary>
internal sealed record HttpSettings(IPAddress Address, int Port, string? Token)
{
    /// <summary>The role of requests from this machine without a token.</summary>
    public AccessRole LoopbackRole { get; init; }

    /// <summary>The file of access tokens; null if there are none.</summary>
    public string? TokensFile { get; init; }

    /// <summary>The certificate of HTTPS, in PEM; null for plain HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its key, in PEM; null if it is in the file of the certificate.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Where health and metrics are served alone; null for nowhere.</summary>
    public int? ManagementPort { get; init; }

    /// <summary>The address of <see cref="ManagementPort"/>; null for <see cref="Address"/>.</summary>
    public IPAddress? ManagementAddress { get; init; }

    /// <summary>The Unix socket for programs of the user the host runs as; null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>The most connections of one address.</summary>
    public int MaxConnectionsPerAddress { get; init; } = DefaultConnectionsPerAddress;

    public const int DefaultConnectionsPerAddress = 128;

    public const int DefaultPort = 5080;

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Keeps the token out of logs, whoever prints the settings.</summary>
    public override string ToString() => $"{Address}:{Port}{(Token is null ? "" : " (token set)")}";
}

/// <summary>One map: the newest message of <paramref name="Queue"/> per value of the field <paramref name="Key"/>.</summary>
internal sealed record MapSettings(string Name, string Queue, string Schema, string Key);

/// <summary>One queue: a directory below <c>queues/</c>. Null and 0 stand for the library's defaults: its segment size, no limit of bytes,
/// not encrypted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SegmentBytes">The size of a segment.</param>
/// <param name="RetainedBytes">How many bytes are kept; 0 for all, null for the default of the queue.</param>
/// <param name="RetainedAge">For how long; zero for ever, null as the schemas of its messages say.</param>
/// <param name="MemoryBytes">How much of it may lie in the page cache.</param>
/// <param name="KeyFile">Its master keys.</param>
/// <param name="Witness">How it is witnessed; null where it is not.</param>
/// <param name="Durability">The name of its durability; null for the default, see <see cref="QueueDurability"/>.</param>
/// <param name="UsesReserve">Whether adapters may fill it when less than the minimum is free; null for the default.</param>
internal sealed record QueueSettings(string Name, long? SegmentBytes = null, long? RetainedBytes = null, TimeSpan? RetainedAge = null,
    long MemoryBytes = 0, string? KeyFile = null,
    WitnessSettings? Witness = null, string? Durability = null, bool? UsesReserve = null);

/// <summary>How a queue is witnessed. Paths are absolute; null stands for the library's defaults.</summary>
/// <param name="KeyFile">The key that signs.</param>
/// <param name="EarlierKeys">Public keys that earlier attestations may be signed with.</param>
/// <param name="MaxMessages">After how many messages an attestation is made at the latest.</param>
/// <param name="MaxDelayMs">How long a message waits for its attestation at most.</param>
/// <param name="IsDurable">Whether messages are on the device before they are attested.</param>
internal sealed record WitnessSettings(string KeyFile, IReadOnlyList<string> EarlierKeys, int? MaxMessages = null, int? MaxDelayMs = null,
    bool IsDurable = false);

/// <summary>Where metrics and traces go by OTLP. <paramref name="Headers"/> hold credentials.</summary>
internal sealed record TelemetrySettings(Uri Endpoint, bool IsGrpc, IReadOnlyDictionary<string, string> Headers, string ServiceName,
    bool HasMetrics, bool HasTraces, TimeSpan Interval)
{
    /// <summary>Keeps the credentials out of logs, whoever prints the settings.</summary>
    public override string ToString() => $"{Endpoint} ({(IsGrpc ? "gRPC" : "HTTP")}, {Headers.Count} headers)";
}
