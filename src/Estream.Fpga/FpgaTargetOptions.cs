using Estream.Core;

namespace Estream.Fpga;

/// <summary>The cards of a target, and how to use them.</summary>
public sealed record FpgaTargetOptions
{
    /// <summary>The addresses of the cards, at most 16: <c>sim:</c>, <c>vfio:0000:3b:00.0</c>. The target keeps trying to open a missing
    /// card.</summary>
    public required IReadOnlyList<string> Cards { get; init; }

    /// <summary>Options for opening each card.</summary>
    public FpgaCardOptions Card { get; init; } = new();

    /// <summary>The longest wait for a batch, by the host's clock; 10 s by default. A card that takes longer is reset, and the batch
    /// continues without it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The interval between attempts to open a card that is missing or has failed several times in a row; 1 s by
    /// default.</summary>
    public TimeSpan ReopenInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The size of the memory from which each card reads messages, 256 KiB to 1 GiB; 4 MiB by default. Uses huge pages if
    /// available. A batch that does not fit is submitted in parts.</summary>
    public int MessageMemoryBytes { get; init; } = 4 << 20;

    /// <summary>The clock; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;
}

/// <summary>Options for opening a card.</summary>
public sealed record FpgaCardOptions
{
    /// <summary>The number of entries of each ring, which limits the requests in flight: a power of two from 2 to 65,536; 4,096 by
    /// default.</summary>
    public int RingEntries { get; init; } = 4_096;

    /// <summary>The deadline of a submission in cycles of the card, counted from when the card fetches it; 2^24 by default, 0 for none. A
    /// submission that takes longer completes with <see cref="CardStatus.Timeout"/>.</summary>
    public uint DeadlineCycles { get; init; } = 1 << 24;

    /// <summary>For a simulated card, a nonzero seed makes everything outside the card stall at random. A card on the bus ignores the
    /// seed.</summary>
    public ulong Seed { get; init; }
}
