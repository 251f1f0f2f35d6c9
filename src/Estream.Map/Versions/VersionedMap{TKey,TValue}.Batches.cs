using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class VersionedMap<TKey, TValue>
{
    /// <summary>
    /// Makes a batch: changes of several keys that happen wholly or not at all, if what it requires is so. It is filled, committed, filled
    /// again, and allocates nothing any more.
    /// </summary>
    /// <param name="capacity">How many keys it takes, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large; keys and values of a batch are at most 16
    /// MiB.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 places for batches, or among the writers, are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedBatch<TKey, TValue> CreateBatch(int capacity = 16)
    {
        _map.RequireWritable();
        StateMap<TKey, Stamped<TValue>>.RequireCapacity(capacity);
        return new VersionedBatch<TKey, TValue>(_map, new StampedPlan<TKey, TValue>(capacity, _map.HashSeed, _clock), _map.TakeSeat(capacity), _clock);
    }
}
