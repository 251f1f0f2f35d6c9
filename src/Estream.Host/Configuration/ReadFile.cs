using Estream.Circuits;
using Estream.Streams.Pipelines;

namespace Estream.Host.Configuration;

/// <summary>A file of pipelines, or of a circuit, that was read.</summary>
/// <param name="Setting">The setting that names it, or the folder it is in.</param>
/// <param name="File">Its path.</param>
/// <param name="Tenant">Who is charged for the circuit; null for pipelines.</param>
/// <param name="Circuit">The circuit; null for pipelines, and where there was a mistake.</param>
/// <param name="Pipelines">The pipelines, or those by which the circuit runs.</param>
internal sealed record ReadFile(string Setting, string File, string? Tenant, Circuit? Circuit, IReadOnlyList<DeclaredPipeline> Pipelines)
{
    /// <summary>The list that the setting is in.</summary>
    public string List => Setting[..Setting.LastIndexOf(':')];
}
