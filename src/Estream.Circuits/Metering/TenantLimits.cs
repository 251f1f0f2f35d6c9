namespace Estream.Circuits;

/// <summary>
/// What the circuits of a tenant may use together. Null is no limit. Whoever reaches one is slowed down or waits: nothing is refused, and
/// nothing is lost.
/// </summary>
/// <remarks>Rates hold on average: a circuit takes up to 4,096 messages at a time, and waits behind them for as long as they should have
/// taken.</remarks>
public sealed record TenantLimits
{
    /// <summary>The highest limit but for that of the processor time.</summary>
    public const long Most = 1L << 50;

    /// <summary>The highest limit of the processor time: a thousand processors.</summary>
    public const long MostCpuMillis = 1_000_000;

    /// <summary>Messages taken and results made, per second.</summary>
    public long? OperationsPerSecond { get; init; }

    /// <summary>Processor time, in thousandths of one processor: 500 is half of one, 2,000 are two.</summary>
    public long? CpuMillis { get; init; }

    /// <summary>Bytes of the messages taken, per second.</summary>
    public long? IngressBytesPerSecond { get; init; }

    /// <summary>Bytes of the results made, per second.</summary>
    public long? EgressBytesPerSecond { get; init; }

    /// <summary>Bytes of the files of outputs and states. Where there are more, nothing is taken until there are fewer, as by
    /// retention.</summary>
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
