using System.Runtime.CompilerServices;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>The number of cache misses in flight at once: about as many as a core can have.</summary>
    internal const int BatchSize = 16;

    /// <summary>
    /// Looks many keys up, with prefetching, so that their cache misses overlap. In a map far larger than the caches a key costs half as
    /// much as with <see cref="TryGet"/>. Each key is looked up on its own; <see cref="TryGetTogether"/> sees batches whole.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">Receives the value of each key, or the default; at least as long as <paramref name="keys"/>.</param>
    /// <param name="found">Receives whether the map has each key; at least as long as <paramref name="keys"/>.</param>
    /// <returns>The number of keys that the map has.</returns>
    /// <exception cref="ArgumentException">A destination is too short.</exception>
    public int GetMany(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        RequireLength(values.Length, keys.Length, nameof(values));
        RequireLength(found.Length, keys.Length, nameof(found));
        int hits = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            hits += GetSome(keys.Slice(start, count), values.Slice(start, count), found.Slice(start, count));
        }

        return hits;
    }

    /// <summary>Stores many values, one after the other as <see cref="Put"/> does, with prefetching.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The value of each; as long as <paramref name="keys"/>.</param>
    /// <returns>The number of new keys.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Put"/>; the pairs before it are stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int PutMany(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        if (values.Length != keys.Length)
        {
            throw new ArgumentException($"keys and values must have the same length ({keys.Length} != {values.Length}).", nameof(values));
        }

        RequireWritable();
        if (_writer is MultiWriter<TKey, TValue> { HasFeed: false } multi)
        {
            return PutMany(multi, keys, values);
        }

        var single = _writer as SingleWriter<TKey, TValue>;
        Homes homes = default;
        int added = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            Table<TKey, TValue> table = _table!;
            PrefetchHomes(table, keys.Slice(start, count), homes);
            for (int i = start; i < start + count; i++)
            {
                // A put that begins a migration makes the computed homes of the remaining keys invalid.
                bool isNew = table == _direct
                    ? single!.PutIn(table, homes[i - start], in keys[i], in values[i])
                    : Put(in keys[i], in values[i]);
                added += isNew ? 1 : 0;
            }
        }

        return added;
    }

    private static int PutMany(MultiWriter<TKey, TValue> writer, ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        int added = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            added += writer.PutSome(keys.Slice(start, count), values.Slice(start, count));
        }

        return added;
    }

    /// <summary>Replaces many values, each as <see cref="CompareExchange"/> does, with prefetching. Not a transaction.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="expected">The value each key must have; as long as <paramref name="keys"/>.</param>
    /// <param name="replacements">The new value of each; as long as <paramref name="keys"/>.</param>
    /// <param name="replaced">Receives whether each was replaced; at least as long as <paramref name="keys"/>.</param>
    /// <returns>The number of replaced values.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a destination is too short.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="CompareExchange"/>.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="CompareExchange"/>; the replacements before it are
    /// done.</exception>
    /// <exception cref="Core.EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int CompareExchangeMany(
        ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> expected, ReadOnlySpan<TValue> replacements, Span<bool> replaced)
    {
        if (expected.Length != keys.Length || replacements.Length != keys.Length)
        {
            throw new ArgumentException(
                $"The lengths must be equal: {keys.Length} keys, {expected.Length} expected values, {replacements.Length} replacements.");
        }

        RequireLength(replaced.Length, keys.Length, nameof(replaced));
        RequireWritable();
        var multi = _writer as MultiWriter<TKey, TValue>;
        Homes homes = default;
        int hits = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            if (multi is { HasFeed: false })
            {
                hits += multi.CompareExchangeSome(
                    keys.Slice(start, count), expected.Slice(start, count), replacements.Slice(start, count), replaced[start..]);
                continue;
            }

            PrefetchHomes(_table!, keys.Slice(start, count), homes);
            for (int i = start; i < start + count; i++)
            {
                replaced[i] = CompareExchange(in keys[i], in expected[i], in replacements[i]);
                hits += replaced[i] ? 1 : 0;
            }
        }

        return hits;
    }

    /// <summary>Prefetches the buckets of keys that are read or changed next, at most <see cref="BatchSize"/> of them. While the map
    /// migrates, this helps only for keys that are not migrated yet.</summary>
    internal void Prefetch(ReadOnlySpan<TKey> keys)
    {
        if (_table is { } table)
        {
            for (int i = 0; i < keys.Length; i++)
            {
                table.Prefetch(table.HomeOf(in keys[i]));
            }
        }
    }

    internal static void RequireLength(int length, int needed, string name)
    {
        if (length < needed)
        {
            throw new ArgumentException($"The span has {length} elements, but {needed} keys need {needed}.", name);
        }
    }

    private static void PrefetchHomes(Table<TKey, TValue> table, ReadOnlySpan<TKey> keys, Span<long> homes)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            long home = table.HomeOf(in keys[i]);
            homes[i] = home;
            table.Prefetch(home);
        }
    }

    private int GetSome(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        Table<TKey, TValue>? table = _table;
        if (table is null || table.State != _state.ReadAcquire())
        {
            return GetOneByOne(keys, values, found);
        }

        Homes homes = default;
        PrefetchHomes(table, keys, homes);
        int hits = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            bool isThere = table.TryGetAtHome(homes[i], in keys[i], out values[i]) || table.TryGet(in keys[i], out values[i]);
            found[i] = isThere;
            hits += isThere ? 1 : 0;
        }

        return hits;
    }

    private int GetOneByOne(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        int hits = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            found[i] = TryGet(in keys[i], out values[i]);
            hits += found[i] ? 1 : 0;
        }

        return hits;
    }

    [InlineArray(BatchSize)]
    private struct Homes
    {
        private long _first;
    }
}
