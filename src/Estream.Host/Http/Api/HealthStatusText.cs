namespace Estream.Host.Http;

/// <summary>The values of <c>status</c> in <c>/health</c>.</summary>
internal static class HealthStatusText
{
    public const string Starting = "starting";
    public const string Ready = "ready";
    public const string Degraded = "degraded";
    public const string Stopping = "stopping";
}
