namespace Estream.Host.Http;

/// <summary>The values of <c>status</c> in <c>/health</c>.</summary>
internal static class HealthStatusText
{
    /// <summary>Another host is active. This host follows its queues, and takes over when that host ends.</summary>
    public const string Standby = "standby";

    public const string Starting = "starting";
    public const string Ready = "ready";
    public const string Degraded = "degraded";
    public const string Stopping = "stopping";
}
