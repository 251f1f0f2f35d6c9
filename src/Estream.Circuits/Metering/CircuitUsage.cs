namespace Estream.Circuits;

/// <summary>
/// What a circuit has used, in the eight dimensions of docs/guides/metering.md. Six of them only grow; <see cref="MemoryBytes"/> and
/// <see cref="StorageBytes"/> say what it holds now.
/// </summary>
/// <param name="Operations">Messages taken and results made, rejected messages among them.</param>
/// <param name="CpuNanos">Processor time of the threads that run it, in nanoseconds, as the system counts it.</param>
/// <param name="MemoryBytes">Bytes of memory in which it makes messages and holds them back.</param>
/// <param name="StorageBytes">Bytes of the files of its outputs and its state. What several circuits write counts for each in equal
/// parts.</param>
/// <param name="IngressBytes">Bytes of the messages taken.</param>
/// <param name="EgressBytes">Bytes of the results made.</param>
/// <param name="Proofs">Signed attestations of its outputs, by the witnesses of their queues. What several circuits write counts in equal
/// parts for those that write it when it comes.</param>
/// <param name="RetentionByteSeconds">For how long it has held how much: <paramref name="StorageBytes"/> over time. It stays at the largest
/// number there is, which a terabyte reaches after 107 days.</param>
public readonly record struct CircuitUsage(
    long Operations, long CpuNanos, long MemoryBytes, long StorageBytes, long IngressBytes, long EgressBytes, long Proofs,
    long RetentionByteSeconds)
{
    /// <summary>Both together, as of two circuits.</summary>
    public static CircuitUsage operator +(CircuitUsage one, CircuitUsage other) => new(
        one.Operations + other.Operations, one.CpuNanos + other.CpuNanos, one.MemoryBytes + other.MemoryBytes,
        one.StorageBytes + other.StorageBytes,
        one.IngressBytes + other.IngressBytes, one.EgressBytes + other.EgressBytes, one.Proofs + other.Proofs,
        Sum(one.RetentionByteSeconds, other.RetentionByteSeconds));

    /// <inheritdoc cref="op_Addition"/>
    public static CircuitUsage Add(CircuitUsage one, CircuitUsage other) => one + other;

    /// <summary>Both together, of two numbers that are not negative; where they are too many, the largest there is.</summary>
    internal static long Sum(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;
}
