namespace Estream.Fpga.Internal;

/// <summary>A lane of a card that belongs to one queue or one map of the host.</summary>
internal sealed class CardLane(int number, ulong seed)
{
    public int Number { get; } = number;

    /// <summary>Mixed into every key: what an earlier owner of the lane left is never found.</summary>
    public ulong Seed { get; } = seed;
}
