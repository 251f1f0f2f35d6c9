using Estream.Core;

namespace Estream.Map.Internal;

// Migrates entries from this table into the next one, unit by unit. A unit is one stripe of the table with fewer stripes, so it is one
// range of hashes in both. Only the state word in the stripe's head changes here: a reader that is still in this table finds the entries
// that were current at the migration.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>The number of units of a migration to another table.</summary>
    public long UnitsTo(Table<TKey, TValue> target) => Math.Min(StripeCount, target.StripeCount);

    public bool IsUnitMigrated(long unit, Table<TKey, TValue> target) => _stripes.IsMigrated(unit * StripesPerUnit(target));

    public long UnitOf(long home, Table<TKey, TValue> target) => StripeOfBucket(home) / StripesPerUnit(target);

    /// <summary>Whether every unit fits into a smaller table for any hashes.</summary>
    public bool FitsInto(Table<TKey, TValue> target)
    {
        long room = target.Plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket / 2;
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            if (EntriesOfUnit(unit, UnitsTo(target)) > room * (target.StripeCount / UnitsTo(target)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Checks, before a migration begins, that no stripe is marked as migrated: its entries would be lost.</summary>
    /// <exception cref="EstreamCorruptionException">A stripe is marked, so the file is damaged.</exception>
    public void RequireUnmigrated()
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            if (_stripes.IsMigrated(stripe))
            {
                long offset = Plan.StripesOffset + (stripe * TableLayout.StripeHeadBytes);
                throw new EstreamCorruptionException(
                    $"Stripe {stripe} of '{Path}' is marked at byte {offset} as migrated, but no resize has begun. The file "
                    + "was damaged; restore "
                    + "the map from a copy, or delete its directory and rebuild it from its queue.",
                    Path,
                    offset);
            }
        }
    }

    /// <summary>Migrates a unit. After a crash before the mark, the entries in this table still count, and the target may have part of the
    /// unit; <paramref name="isRepeated"/> clears that part.</summary>
    public void MigrateUnit(long unit, Table<TKey, TValue> target, bool isRepeated)
    {
        if (isRepeated)
        {
            target.ClearUnit(unit, this);
        }

        long first = unit * StripesPerUnit(target);
        for (long stripe = first; stripe < first + StripesPerUnit(target); stripe++)
        {
            CopyStripe(stripe, target);
        }

        CarryVersions(unit, target);
        MarkMigrated(unit, target);

        GC.KeepAlive(this);
        GC.KeepAlive(target);
    }

    /// <summary>
    /// Completes the marks after a crash. In a shrinking map the first stripe of a unit may be marked and the second not, although the
    /// whole unit is in the next table. Runs before the first write to the next table; otherwise a reader of the second stripe would miss
    /// that write.
    /// </summary>
    public void CompleteMarks(Table<TKey, TValue> target)
    {
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            if (IsUnitMigrated(unit, target))
            {
                MarkMigrated(unit, target);
            }
        }
    }

    /// <summary>
    /// Clears the marks after a power cut that left no next table: the marks reached the device, and the word that begins the migration did
    /// not. The next migration would skip stripes that are still marked.
    /// </summary>
    public void ClearMigrationMarks()
    {
        for (long stripe = 0; stripe < StripeCount && _stripes.HasHeads; stripe++)
        {
            _stripes.SetState(stripe, TableLayout.StripeIsHere);
        }
    }

    /// <summary>Copies every entry into an empty table that is not published.</summary>
    public void CopyTo(Table<TKey, TValue> target)
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            CopyStripe(stripe, target);
        }

        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            CarryVersions(unit, target);
        }
    }

    /// <summary>
    /// The migrated stripes that may not be durable yet. Call it before the flush of the next table, because other writers may continue
    /// to migrate.
    /// </summary>
    public IReadOnlyList<long> UnflushedMigrations()
    {
        List<long> moved = [];
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            if (_stripes.IsMigrated(stripe) && !_stripes.IsMigrationFlushed(stripe))
            {
                moved.Add(stripe);
            }
        }

        return moved;
    }

    /// <summary>Marks migrated stripes as flushed. Call it after the flush of the next table.</summary>
    public void MarkMigrationsFlushed(IReadOnlyList<long> stripes)
    {
        foreach (long stripe in stripes)
        {
            _stripes.SetState(stripe, TableLayout.StripeMigrationFlushed);
        }
    }

    /// <summary>
    /// Clears the marks of unflushed units after a power cut: the device may have the mark and not the migrated entries. The entries in
    /// this table, as of the last flush, count again.
    /// </summary>
    public void RevertUnflushedMigrations(Table<TKey, TValue> target)
    {
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            long first = unit * StripesPerUnit(target);
            bool isWhole = true;
            for (long stripe = first; stripe < first + StripesPerUnit(target); stripe++)
            {
                isWhole &= _stripes.IsMigrationFlushed(stripe);
            }

            for (long stripe = first; !isWhole && stripe < first + StripesPerUnit(target); stripe++)
            {
                _stripes.SetState(stripe, TableLayout.StripeIsHere);
            }
        }
    }

    private long StripesPerUnit(Table<TKey, TValue> target) => StripeCount / UnitsTo(target);

    private void MarkMigrated(long unit, Table<TKey, TValue> target)
    {
        long first = unit * StripesPerUnit(target);
        for (long stripe = first; stripe < first + StripesPerUnit(target); stripe++)
        {
            if (!_stripes.IsMigrated(stripe))
            {
                _stripes.SetState(stripe, TableLayout.StripeMigrated);
            }
        }
    }

    private void ClearUnit(long unit, Table<TKey, TValue> source)
    {
        long stripes = StripeCount / source.UnitsTo(this);
        for (long stripe = unit * stripes; stripe < (unit + 1) * stripes; stripe++)
        {
            for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
            {
                BlockAt(bucket).WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, 0);
            }

            _stripes.SetEntries(stripe, 0);
        }
    }

    private void CopyStripe(long stripe, Table<TKey, TValue> target)
    {
        if (HasPlacesOf(target))
        {
            CopyBuckets(stripe, target);
            return;
        }

        for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            RegionBlock block = BlockAt(bucket);
            uint taken = (uint)block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset) & SlotLayout<TKey, TValue>.TakenMask;
            for (; taken != 0; taken &= taken - 1)
            {
                int slot = ControlWord.SlotOf(taken);
                ref readonly TKey key = ref block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot));
                target.InsertUnjournaled(target.HomeOf(in key), in key,
                    in block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot)));
            }
        }
    }

    // Whether every entry has the same slot in both tables, because they have the same size.
    private bool HasPlacesOf(Table<TKey, TValue> target) =>
        HashSeed == target.HashSeed && Plan.BucketCount == target.Plan.BucketCount && Plan.StripeBuckets == target.Plan.StripeBuckets;

    private void CopyBuckets(long stripe, Table<TKey, TValue> target)
    {
        int bytes = checked((int)(Plan.StripeBuckets * SlotLayout<TKey, TValue>.BucketBytes));
        long first = FirstBucketOf(stripe);
        _region.All.ReadOnlySpan(OffsetOf(first), bytes).CopyTo(target._region.All.Span(target.OffsetOf(first), bytes));
        target._stripes.SetEntries(stripe, _stripes.EntriesOf(stripe));
    }
}
