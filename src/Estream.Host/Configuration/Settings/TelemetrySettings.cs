namespace Estream.Host.Configuration;

/// <summary>Where metrics and traces go by OTLP. <paramref name="Headers"/> hold credentials.</summary>
internal sealed record TelemetrySettings(Uri Endpoint, bool IsGrpc, IReadOnlyDictionary<string, string> Headers, string ServiceName, bool HasMetrics, bool HasTraces, TimeSpan Interval)
{
    /// <summary>Keeps the credentials out of logs, whoever prints the settings.</summary>
    public override string ToString() => $"{Endpoint} ({(IsGrpc ? "gRPC" : "HTTP")}, {Headers.Count} headers)";
}
