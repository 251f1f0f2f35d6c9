namespace Estream.Map.Internal;

// Bulk calls on a map without a feed: several changes use one writer slot. All threads of a map object take their slots from one word.
// The transfer of that word between processors costs more than a put.
internal sealed partial class MultiWriter<TKey, TValue>
{
    /// <summary>Stores several values, each as <see cref="Put"/> does; at most <see cref="StateMap{TKey, TValue}.BatchSize"/>.</summary>
    /// <returns>The number of new keys.</returns>
    public int PutSome(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        LockOwner lockOwner = Rent();
        try
        {
            PrefetchFor(keys);
            int added = 0;
            for (int i = 0; i < keys.Length; i++)
            {
                added += PutAs(lockOwner.Word, in keys[i], in values[i]) ? 1 : 0;
            }

            return added;
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    /// <summary>Replaces several values, each as <see cref="CompareExchange"/> does; at most
    /// <see cref="StateMap{TKey, TValue}.BatchSize"/>.</summary>
    /// <returns>The number of replaced values.</returns>
    public int CompareExchangeSome(
        ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> expected, ReadOnlySpan<TValue> replacements, Span<bool> replaced)
    {
        Map.RequireNoPadding();
        LockOwner lockOwner = Rent();
        try
        {
            PrefetchFor(keys);
            int hits = 0;
            for (int i = 0; i < keys.Length; i++)
            {
                replaced[i] = CompareExchangeAs(lockOwner.Word, in keys[i], in expected[i], in replacements[i]);
                hits += replaced[i] ? 1 : 0;
            }

            return hits;
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    // During a migration, an entry may be in another table. Its prefetch is then useless, but the result of the change is the same.
    private void PrefetchFor(ReadOnlySpan<TKey> keys)
    {
        Table<TKey, TValue> table = Map.Tables().Current;
        for (int i = 0; i < keys.Length; i++)
        {
            long home = table.HomeOf(in keys[i]);
            table.Prefetch(home);
            table.PrefetchLock(home);
        }
    }
}
