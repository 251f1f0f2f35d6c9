using Estream.Map.Internal;

namespace Estream.Map;

// Operations on many keys, each independent of the others, with overlapping cache misses.
public sealed partial class VersionedMap<TKey, TValue>
{
    private const int BatchSize = StateMap<TKey, VersionedValue<TValue>>.BatchSize;

    /// <summary>
    /// Looks many keys up, each as <see cref="TryGet(in TKey, out TValue, out long)"/> does, with prefetching, so that their cache misses
    /// overlap; see <see cref="StateMap{TKey, TValue}.GetMany"/>. The results are not a snapshot.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">Receives the value of each key, or the default; at least as long as <paramref name="keys"/>.</param>
    /// <param name="versions">Receives the version of each key, or 0 for a missing key; at least as long as <paramref
    /// name="keys"/>.</param>
    /// <returns>The number of keys that the map has.</returns>
    /// <exception cref="ArgumentException">A destination is too short.</exception>
    public int GetMany(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<long> versions)
    {
        StateMap<TKey, VersionedValue<TValue>>.RequireLength(values.Length, keys.Length, nameof(values));
        StateMap<TKey, VersionedValue<TValue>>.RequireLength(versions.Length, keys.Length, nameof(versions));
        int hits = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            _map.Prefetch(keys.Slice(start, count));
            for (int i = start; i < start + count; i++)
            {
                hits += TryGet(in keys[i], out values[i], out versions[i]) ? 1 : 0;
            }
        }

        return hits;
    }

    /// <summary>Stores many values, one after the other as <see cref="Put"/> does, with prefetching.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The value of each; as long as <paramref name="keys"/>.</param>
    /// <param name="versions">Receives the new version of each; at least as long as <paramref name="keys"/>.</param>
    /// <param name="timeToLive">The time until the entries expire; <see langword="null"/> if they do not expire.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Put"/>; the pairs before it are stored.</exception>
    /// <exception cref="Core.EstreamLeaseException">As for <see cref="Put"/>; the pairs before it are stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void PutMany(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values, Span<long> versions, TimeSpan? timeToLive = null)
    {
        if (values.Length != keys.Length)
        {
            throw new ArgumentException($"keys and values must have the same length ({keys.Length} != {values.Length}).", nameof(values));
        }

        StateMap<TKey, VersionedValue<TValue>>.RequireLength(versions.Length, keys.Length, nameof(versions));
        _map.RequireWritable();
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            _map.Prefetch(keys.Slice(start, count));
            for (int i = start; i < start + count; i++)
            {
                versions[i] = Put(in keys[i], in values[i], timeToLive);
            }
        }
    }

    /// <summary>Stores each value whose entry has the expected version, as <see cref="CompareExchange"/> does, with prefetching.
    /// Not a transaction.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="expectedVersions">The version each entry must have, or 0 if the map must not have the key; as long as <paramref
    /// name="keys"/>.</param>
    /// <param name="values">The value of each; as long as <paramref name="keys"/>.</param>
    /// <param name="versions">Receives the current version of each entry, also if nothing was stored; at least as long as <paramref
    /// name="keys"/>.</param>
    /// <param name="stored">Receives whether each value was stored; at least as long as <paramref name="keys"/>.</param>
    /// <param name="timeToLive">As for <see cref="PutMany"/>.</param>
    /// <returns>The number of stored values.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A version is below 0, or the time to live is not above zero; the pairs before it are
    /// done.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Put"/>; the pairs before it are done.</exception>
    /// <exception cref="Core.EstreamLeaseException">As for <see cref="Put"/>; the pairs before it are done.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int CompareExchangeMany(
        ReadOnlySpan<TKey> keys,
        ReadOnlySpan<long> expectedVersions,
        ReadOnlySpan<TValue> values,
        Span<long> versions,
        Span<bool> stored,
        TimeSpan? timeToLive = null)
    {
        if (expectedVersions.Length != keys.Length || values.Length != keys.Length)
        {
            throw new ArgumentException(
                $"The lengths must be equal: {keys.Length} keys, {expectedVersions.Length} expected versions, {values.Length} values.");
        }

        StateMap<TKey, VersionedValue<TValue>>.RequireLength(versions.Length, keys.Length, nameof(versions));
        StateMap<TKey, VersionedValue<TValue>>.RequireLength(stored.Length, keys.Length, nameof(stored));
        _map.RequireWritable();
        int hits = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            _map.Prefetch(keys.Slice(start, count));
            for (int i = start; i < start + count; i++)
            {
                stored[i] = CompareExchange(in keys[i], expectedVersions[i], in values[i], out versions[i], timeToLive);
                hits += stored[i] ? 1 : 0;
            }
        }

        return hits;
    }
}
