namespace Estream.Fpga;

/// <summary>How a card is opened.</summary>
public sealed record FpgaCardOptions
{
    /// <summary>Entries of each of its two rings, a power of two from 2 to 65,536; 4,096 by default. So many requests can be under
    /// way.</summary>
    public int RingEntries { get; init; } = 4_096;

    /// <summary>How many cycles of the card a submission may take from when the card fetches it; 0 for any number. 2^24 by default. What
    /// takes longer completes with <see cref="CardStatus.Timeout"/>.</summary>
    public uint DeadlineCycles { get; init; } = 1 << 24;

    /// <summary>Of a simulated card: other than 0, whatever is outside of it stalls at random, by this seed. A card on the bus does not
    /// look at it.</summary>
    public ulong Seed { get; init; }
}
