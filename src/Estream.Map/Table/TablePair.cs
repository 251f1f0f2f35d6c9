namespace Estream.Map.Internal;

/// <summary>The current table and, during a migration, the table to which its entries are migrated.</summary>
internal sealed record TablePair<TKey, TValue>(Table<TKey, TValue> Current, Table<TKey, TValue>? Next)
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>The state word of map.meta while these are the tables.</summary>
    public long State => Next is null ? Current.State : MapState.Migrating(Current.Generation);

    /// <summary>The table that holds the entries with a hash.</summary>
    public Table<TKey, TValue> Holder(ulong hash) => Next is not null && Current.IsMigrated(Current.StripeOfHash(hash)) ? Next : Current;

    /// <summary>The table that holds a key, if the map has it.</summary>
    public Table<TKey, TValue> Holder(ref readonly TKey key) =>
        Next is not null && Current.IsMigrated(Current.StripeOf(in key)) ? Next : Current;

    /// <summary>Counts the entries. Reads the head of every stripe.</summary>
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
    /// The number of units to visit, each in the table that holds it when its turn comes. One load decides that, so a unit that is
    /// migrated meanwhile is visited once.
    /// </summary>
    public long Units => Next is null ? Current.StripeCount : Current.UnitsTo(Next);

    /// <summary>The table that holds the entries of a unit.</summary>
    public Table<TKey, TValue> HolderOfUnit(long unit) => Next is not null && Current.IsUnitMigrated(unit, Next) ? Next : Current;

    /// <summary>Retires the tables that another pair does not contain.</summary>
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
