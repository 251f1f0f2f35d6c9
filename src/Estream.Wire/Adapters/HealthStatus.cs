namespace Estream.Wire;

/// <summary>How an adapter is, with the reason.</summary>
/// <param name="State">The one word.</param>
/// <param name="Detail">One sentence for the person who has to act; never empty.</param>
public sealed record HealthStatus(HealthState State, string Detail)
{
    /// <summary>All is well.</summary>
    public static HealthStatus Healthy(string detail)
    {
        return new HealthStatus(HealthState.Healthy, detail);
    }

    /// <summary>It works, but less than it should: a subscription was refused.</summary>
    public static HealthStatus Degraded(string detail)
    {
        return new HealthStatus(HealthState.Degraded, detail);
    }

    /// <summary>It does not work now: the disk is full, the broker is away.</summary>
    public static HealthStatus Unhealthy(string detail)
    {
        return new HealthStatus(HealthState.Unhealthy, detail);
    }
}

/// <summary>The states of <see cref="HealthStatus"/>, best first.</summary>
public enum HealthState
{
    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>It works, but less than it should.</summary>
    Degraded,

    /// <summary>It does not work now.</summary>
    Unhealthy,
}
