using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>What a batch writes with: a place among the writers, by which its locks and its log name it.</summary>
/// <param name="Place">The number of the place.</param>
/// <param name="Hand">The place, where several write.</param>
internal sealed record BatchSeat<TKey, TValue>(int Place, WriterHand? Hand)
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>The one writer has no locks to name; its log names it all the same.</summary>
    private const long OnlyEpoch = 1;

    public long Word { get; } = Hand?.Word ?? OwnerWord.Of(Place, OnlyEpoch);

    /// <summary>The log of the place.</summary>
    public required BatchLog<TKey, TValue> Log { get; init; }
}
