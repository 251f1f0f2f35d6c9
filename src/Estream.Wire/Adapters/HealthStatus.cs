namespace Estream.Wire;

/// <summary>The health of an adapter, with the reason.</summary>
/// <param name="State">The state.</param>
/// <param name="Detail">One sentence for the operator; never empty.</param>
public sealed record HealthStatus(HealthState State, string Detail)
{
    /// <summary>The adapter works.</summary>
    public static HealthStatus Healthy(string detail)
    {
        return new HealthStatus(HealthState.Healthy, detail);
    }

    /// <summary>The adapter works in part: for example, a subscription was refused.</summary>
    public static HealthStatus Degraded(string detail)
    {
        return new HealthStatus(HealthState.Degraded, detail);
    }

    /// <summary>The adapter does not work now: for example, the disk is full or the broker unreachable.</summary>
    public static HealthStatus Unhealthy(string detail)
    {
        return new HealthStatus(HealthState.Unhealthy, detail);
    }
}

/// <summary>The states of <see cref="HealthStatus"/>, best first.</summary>
public enum HealthState
{
    /// <summary>The adapter works.</summary>
    Healthy,

    /// <summary>The adapter works in part.</summary>
    Degraded,

    /// <summary>The adapter does not work now.</summary>
    Unhealthy,
}
