namespace Estream.Circuits;

/// <summary>
/// Limits on the combined usage of the circuits of a tenant. Null means no limit. A tenant that reaches a limit is delayed: no message is
/// rejected or lost.
/// </summary>
/// <remarks>Rates hold on average: a circuit reads up to 4,096 messages at a time and then waits as long as the rate requires for
/// them.</remarks>
public sealed record TenantLimits
{
    /// <summary>The maximum of every limit except <see cref="CpuMillis"/>.</summary>
    public const long Most = 1L << 50;

    /// <summary>The maximum of <see cref="CpuMillis"/>: a thousand CPUs.</summary>
    public const long MostCpuMillis = 1_000_000;

    /// <summary>Messages read plus results written, per second.</summary>
    public long? OperationsPerSecond { get; init; }

    /// <summary>CPU time in thousandths of one CPU: 500 is half a CPU, 2,000 are two.</summary>
    public long? CpuMillis { get; init; }

    /// <summary>Bytes of the messages read, per second.</summary>
    public long? IngressBytesPerSecond { get; init; }

    /// <summary>Bytes of the results written, per second.</summary>
    public long? EgressBytesPerSecond { get; init; }

    /// <summary>Bytes of the files of outputs and states. Above this limit no message is read until there are fewer bytes, for example
    /// because of retention.</summary>
    public long? StorageBytes { get; init; }

    internal void Validate(string tenant)
    {
        foreach ((string name, long? limit, long most) in new (string, long?, long)[]
        {
            (nameof(OperationsPerSecond), OperationsPerSecond, Most), (nameof(CpuMillis), CpuMillis, MostCpuMillis),
            (nameof(IngressBytesPerSecond), IngressBytesPerSecond, Most),
            (nameof(EgressBytesPerSecond), EgressBytesPerSecond, Most), (nameof(StorageBytes), StorageBytes, Most),
        })
        {
            if (limit < 1 || limit > most)
            {
                throw new ArgumentException(
                    $"{name} of the tenant '{tenant}' is {limit}; it must be from 1 to {most}, or null for no limit.");
            }
        }
    }

}
