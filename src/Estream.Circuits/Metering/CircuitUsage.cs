namespace Estream.Circuits;

/// <summary>
/// The usage of a circuit in the eight dimensions of docs/guides/metering.md. Six of them only grow; <see cref="MemoryBytes"/> and
/// <see cref="StorageBytes"/> are current values.
/// </summary>
/// <param name="Operations">Messages read plus results written, including rejected messages.</param>
/// <param name="CpuNanos">CPU time of the threads that run the circuit, in nanoseconds, as counted by the operating system.</param>
/// <param name="MemoryBytes">Bytes of memory in which the circuit creates and buffers messages.</param>
/// <param name="StorageBytes">Bytes of the files of the circuit's outputs and state. Circuits that write the same files share them
/// equally.</param>
/// <param name="IngressBytes">Bytes of the messages read.</param>
/// <param name="EgressBytes">Bytes of the results written.</param>
/// <param name="Proofs">Signed attestations of the circuit's outputs by the witnesses of their queues. Circuits that write a queue when an
/// attestation arrives share the attestation equally.</param>
/// <param name="RetentionByteSeconds"><paramref name="StorageBytes"/> integrated over time. Saturates at <see cref="long.MaxValue"/>,
/// which a terabyte reaches after 107 days.</param>
public readonly record struct CircuitUsage(
    long Operations, long CpuNanos, long MemoryBytes, long StorageBytes, long IngressBytes, long EgressBytes, long Proofs,
    long RetentionByteSeconds)
{
    /// <summary>The sum of two usages.</summary>
    public static CircuitUsage operator +(CircuitUsage one, CircuitUsage other) => new(
        one.Operations + other.Operations, one.CpuNanos + other.CpuNanos, one.MemoryBytes + other.MemoryBytes,
        one.StorageBytes + other.StorageBytes,
        one.IngressBytes + other.IngressBytes, one.EgressBytes + other.EgressBytes, one.Proofs + other.Proofs,
        Sum(one.RetentionByteSeconds, other.RetentionByteSeconds));

    /// <inheritdoc cref="op_Addition"/>
    public static CircuitUsage Add(CircuitUsage one, CircuitUsage other) => one + other;

    /// <summary>The sum of two non-negative numbers; <see cref="long.MaxValue"/> if it overflows.</summary>
    internal static long Sum(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;
}
