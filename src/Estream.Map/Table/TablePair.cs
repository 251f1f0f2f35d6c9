namespace Estream.Map.Internal;

/// <summary>The current table and, while its entries are being moved, the one they are moved to.</summary>
internal sealed record TablePair<TKey, TValue>(Table<TKey, TValue> Current, Table<TKey, TValue>? Next)
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>What the state word of map.meta is while these are the tables.</summary>
    public long State => Next is null ? Current.State : MapState.Migrating(Current.Generation);

    /// <summary>The one of the two that holds the entries of a range of hashes.</summary>
    public Table<TKey, TValue> Holder(ulong hash) => Next is not null && Current.IsMigrated(Current.StripeOfHash(hash)) ? Next : Current;

    /// <summary>The one of the two that holds a key, if it is there.</summary>
    public Table<TKey, TValue> Holder(ref readonly TKey key) =>
        Next is not null && Current.IsMigrated(Current.StripeOf(in key)) ? Next : Current;

    /// <summary>Counts the entries: a look at the head of every stripe.</summary>
    public long Count()
    {
        long count = 0;
        long units = Units;
        for (long unit = 0; unit < units; unit++)
        {
            count += HolderOfUnit(unit).EntriesOfUnit(unit, units);
        }

        return count;
    }

    /// <summary>
    /// The parts to go through, each in the table that holds it when its turn comes: one look decides, so that a part that is moved
    /// meanwhile is met once.
    /// </summary>
    public long Units => Next is null ? Current.StripeCount : Current.UnitsTo(Next);

    /// <summary>The one of the two that holds the entries of a unit.</summary>
    public Table<TKey, TValue> HolderOfUnit(long unit) => Next is not null && Current.IsUnitMigrated(unit, Next) ? Next : Current;

    /// <summary>Retires the tables that another pair does not have.</summary>
    public void RetireOthers(TablePair<TKey, TValue> kept)
    {
        if (Current != kept.Current && Current != kept.Next)
        {
            Current.Retire();
        }

        if (Next is not null && Next != kept.Current && Next != kept.Next)
        {
            Next.Retire();
        }
    }

    public void Dispose()
    {
        Current.Dispose();
        Next?.Dispose();
    }
}
