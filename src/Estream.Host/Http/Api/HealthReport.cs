namespace Estream.Host.Http;

/// <summary>The answer of <c>/health</c>.</summary>
internal sealed record HealthReport(string Status, IReadOnlyList<AdapterHealth> Adapters);

internal sealed record AdapterHealth(string Name, string Type, string State, string Detail);
