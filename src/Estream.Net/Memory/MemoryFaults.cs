namespace Estream.Net;

/// <summary>What a <see cref="MemoryNetwork"/> does to packets, as probabilities from 0 to 1. The default does nothing.</summary>
public readonly record struct MemoryFaults
{
    /// <summary>The probability that a packet is lost.</summary>
    public double Loss { get; init; }

    /// <summary>The probability that a packet arrives twice.</summary>
    public double Duplication { get; init; }

    /// <summary>The probability that a packet arrives before packets that were sent earlier.</summary>
    public double Reordering { get; init; }
}
