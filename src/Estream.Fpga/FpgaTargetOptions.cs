using Estream.Core;

namespace Estream.Fpga;

/// <summary>Which cards a target runs on, and how long it waits for them.</summary>
public sealed record FpgaTargetOptions
{
    /// <summary>Addresses of cards, at most 16: <c>sim:</c>, <c>vfio:0000:3b:00.0</c>. One that is not there is looked for again.</summary>
    public required IReadOnlyList<string> Cards { get; init; }

    /// <summary>How each is opened.</summary>
    public FpgaCardOptions Card { get; init; } = new();

    /// <summary>The longest wait for a batch, by the clock of the host; 10 s by default. A card that takes longer is reset, and the batch
    /// goes on without it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a card that is not there, or has failed several times in a row, is looked for again; 1 s by default.</summary>
    public TimeSpan ReopenInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of memory that each card reads messages from, 256 KiB to 1 GiB; 4 MiB by default, on huge pages where there are some.
    /// A batch that does not fit is submitted in parts.</summary>
    public int MessageMemoryBytes { get; init; } = 4 << 20;

    /// <summary>The clock; the system's when omitted.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;
}

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
