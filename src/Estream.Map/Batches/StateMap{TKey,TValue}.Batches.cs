using System.Runtime.CompilerServices;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>So many misses are on their way at once: about what a processor core can have.</summary>
    internal const int BatchSize = 16;

    /// <summary>
    /// Looks many keys up. The processor is told of the keys to come, so that their misses overlap: in a map far larger than the caches a
    /// key costs half of what <see cref="TryGet"/> costs. Each key is looked up on its own: see <see cref="TryGetTogether"/> where batches
    /// are to be seen whole.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">Gets the value of each key, or the default; at least as long as <paramref name="keys"/>.</param>
    /// <param name="found">Gets whether each key is there; at least as long as <paramref name="keys"/>.</param>
    /// <returns>How many are there.</returns>
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

    /// <summary>Stores many values, as <see cref="Put"/> does one after the other, with their misses overlapped.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The value of each; as long as <paramref name="keys"/>.</param>
    /// <returns>How many keys are new.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Put"/>; the pairs before it are stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int PutMany(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        if (values.Length != keys.Length)
        {
            throw new ArgumentException($"{keys.Length} keys and {values.Length} values are no pairs.", nameof(values));
        }

        RequireWritable();
        Homes homes = default;
        int added = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            Table<TKey, TValue> table = _table!;
            PrefetchHomes(table, keys.Slice(start, count), homes);
            for (int i = start; i < start + count; i++)
            {
                // The growth one of them begins ends what is known of the others.
                bool isNew = _alone is not { IsMoving: false } mover || table != _table ? Put(in keys[i], in values[i]) : PutAt(mover, table, homes[i - start], in keys[i], in values[i]);
                added += isNew ? 1 : 0;
            }
        }

        return added;
    }

    /// <summary>Replaces many values, each as <see cref="CompareExchange"/> does, with their misses overlapped. Together they are no
    /// transaction.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="expected">What the value of each must be; as long as <paramref name="keys"/>.</param>
    /// <param name="replacements">What the value of each shall be; as long as <paramref name="keys"/>.</param>
    /// <param name="replaced">Gets whether each was replaced; at least as long as <paramref name="keys"/>.</param>
    /// <returns>How many were replaced.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a destination is too short.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="CompareExchange"/>.</exception>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="CompareExchange"/>; those before it are done.</exception>
    /// <exception cref="Core.EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int CompareExchangeMany(
        ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> expected, ReadOnlySpan<TValue> replacements, Span<bool> replaced)
    {
        if (expected.Length != keys.Length || replacements.Length != keys.Length)
        {
            throw new ArgumentException($"{keys.Length} keys, {expected.Length} expected values and {replacements.Length} replacements do not belong together.");
        }

        RequireLength(replaced.Length, keys.Length, nameof(replaced));
        RequireWritable();
        Homes homes = default;
        int hits = 0;
        for (int start = 0; start < keys.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keys.Length - start);
            PrefetchHomes(_table!, keys.Slice(start, count), homes);
            for (int i = start; i < start + count; i++)
            {
                replaced[i] = CompareExchange(in keys[i], in expected[i], in replacements[i]);
                hits += replaced[i] ? 1 : 0;
            }
        }

        return hits;
    }

    /// <summary>Tells the processor of keys that are going to be looked up or changed one by one, at most <see cref="BatchSize"/> of them.
    /// Where the map moves that is a hint for those not moved yet.</summary>
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
            throw new ArgumentException($"{length} places are too few for {needed} keys.", name);
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
