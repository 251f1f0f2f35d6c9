namespace Estream.Map.Internal;

/// <summary>The current table and, while its entries are being moved, the one they are moved to.</summary>
internal sealed record TablePair<TKey, TValue>(Table<TKey, TValue> Current, Table<TKey, TValue>? Next)
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>What the state word of map.meta is while these are the tables.</summary>
    public long State => Next is null ? Current.State : MapState.Moving(Current.Generation);

    /// <summary>The one of the two that holds the entries of a range of hashes.</summary>
    public Table<TKey, TValue> Holder(ulong hash) => Next is not null && Current.IsMoved(Current.StripeOfHash(hash)) ? Next : Current;

    /// <summary>The one of the two that holds a key, if it is there.</summary>
    public Table<TKey, TValue> Holder(ref readonly TKey key) => Next is not null && Current.IsMoved(Current.StripeOf(in key)) ? Next : Current;

    /// <summary>Counts the entries: a look at the head of every stripe.</summary>
    public long Count()
    {
        long count = 0;
        for (long stripe = 0; stripe < Current.StripeCount; stripe++)
        {
            count += Next is not null && Current.IsMoved(stripe) ? 0 : Current.EntriesOf(stripe);
        }

        long units = Next is null ? 0 : Current.UnitsTo(Next);
        for (long unit = 0; unit < units; unit++)
        {
            long stripes = Next!.StripeCount / units;
            for (long stripe = unit * stripes; Current.IsUnitMoved(unit, Next) && stripe < (unit + 1) * stripes; stripe++)
            {
                count += Next.EntriesOf(stripe);
            }
        }

        return count;
    }

    public void Dispose()
    {
        Current.Dispose();
        Next?.Dispose();
    }
}
