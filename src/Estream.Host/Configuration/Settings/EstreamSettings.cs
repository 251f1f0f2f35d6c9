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
}
