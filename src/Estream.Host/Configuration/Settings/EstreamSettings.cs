using Estream.Circuits;
using Estream.Crypto;
using Estream.Host.Runtime;
using Estream.Streams.Pipelines;

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

    public IReadOnlyList<CircuitPlan> Circuits { get; init; } = [];

    /// <summary>Who may approve of circuits.</summary>
    public IReadOnlyList<IVerifier> Approvers { get; init; } = [];

    /// <summary>Addresses of cards.</summary>
    public IReadOnlyList<string> Cards { get; init; } = [];

    /// <summary>What tenants may use, by their names.</summary>
    public IReadOnlyDictionary<string, TenantLimits> Tenants { get; init; } = new Dictionary<string, TenantLimits>();

    /// <summary>How closely streams of circuits are looked at.</summary>
    public required StreamSightOptions Sight { get; init; }

    /// <summary>Where metrics and traces go; null where they are only asked for.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    /// <summary>Where components are installed; null where none are used.</summary>
    public ComponentSettings? Components { get; init; }

    /// <summary>What lies at which address.</summary>
    public LexDirectory Streams { get; init; } = new();

    /// <summary>All pipelines, those by which circuits run among them.</summary>
    public IEnumerable<DeclaredPipeline> AllPipelines => Pipelines.Concat(Circuits.SelectMany(circuit => circuit.Circuit.Pipelines));
}
