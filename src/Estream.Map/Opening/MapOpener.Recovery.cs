namespace Estream.Map.Internal;

// What a writer does before it writes, alone: take back what a dead one left half done, and bring old tables into the form it needs.
internal sealed partial class MapOpener<TKey, TValue>
{
    private const long VersionsLeftOut = 1L << 40;

    /// <summary>
    /// Makes a map ready for several writers. Values of several stores need a journal for each stripe: a table that has one for all of
    /// them is copied, once. The caller is alone; a kill leaves the map as it was or ready.
    /// </summary>
    public TablePair<TKey, TValue> PrepareForMultiWriter(MapMeta meta, TablePair<TKey, TValue> tables)
    {
        if (HasJournalPerStripe && !(tables.Next ?? tables.Current).HasJournalPerStripe)
        {
            return CopyWithJournals(meta, FinishResize(meta, tables));
        }

        tables.Current.ForgetJournals();
        if (tables.Next is { } next)
        {
            next.ForgetJournals();
            tables.Current.SuspectHalfMigrations(next);
        }

        return tables;
    }

    /// <summary>Makes a map of this version out of one of version 1. A kill leaves the one or the other.</summary>
    private (MapMeta Meta, TablePair<TKey, TValue> Tables) Convert(DirectorySource files, MapMeta oldMeta, Table<TKey, TValue> old)
    {
        Table<TKey, TValue> table = CreateTable(old.Generation + 1, Table<TKey, TValue>.BucketsFor(old.EntriesOf(0)), old.HashSeed);
        MapMeta? meta = null;
        try
        {
            old.CopyTo(table);
            meta = CreateMeta(table, oldMeta.CreatedTime);
            meta.CopyWordsFrom(oldMeta);
            Install(files, meta, table);
        }
        catch
        {
            table.Dispose();
            meta?.Dispose();
            DeleteTable(table.Generation);
            throw;
        }

        old.Dispose();
        oldMeta.Dispose();
        DeleteTable(old.Generation);
        return (meta, new TablePair<TKey, TValue>(table, null));
    }

    private static void Recover(TablePair<TKey, TValue> tables, bool isMachineStopped)
    {
        tables.Current.Recover();
        tables.Next?.Recover();
        if (!isMachineStopped)
        {
            if (tables.Next is not null)
            {
                tables.Current.CompleteMarks(tables.Next);
            }

            return;
        }

        tables.Current.Recount();
        if (tables.Next is { } next)
        {
            next.Recount();
            tables.Current.RevertUnflushedMigrations(next);
        }
        else
        {
            tables.Current.ClearMigrationMarks();
        }

        // What they say of counts is of before: a kill from here on would have the next writer, who sees no power cut any more, count by
        // them.
        tables.Current.ForgetJournals();
        tables.Next?.ForgetJournals();
    }

    // The journals have been read by now. What they say of counts is not so any more behind a batch, whose changes are counted and not
    // described. A log from before the machine started may be of any moment: nobody flushes it.
    private void CompleteBatches(MapMeta meta, TablePair<TKey, TValue> tables, Guid bootId)
    {
        if (meta.HasBatches && meta.IsOf(bootId))
        {
            tables.Current.ForgetJournals();
            tables.Next?.ForgetJournals();
            Logs.CompleteAll(meta, tables);
        }
    }

    private Table<TKey, TValue> FinishResize(MapMeta meta, TablePair<TKey, TValue> tables)
    {
        if (tables.Next is not { } next)
        {
            return tables.Current;
        }

        for (long unit = 0; unit < tables.Units; unit++)
        {
            if (!tables.Current.IsUnitMigrated(unit, next))
            {
                tables.Current.MigrateUnit(unit, next, isRepeated: true);
            }
        }

        Replace(meta, tables.Current, next);
        return next;
    }

    // Changes that a dead writer published and did not apply.
    private void ResolveFeedIntents(TablePair<TKey, TValue> tables)
    {
        if (Feed is { } feed)
        {
            Logs.ResolveFeedIntents(tables.Current, feed);
            if (tables.Next is { } next)
            {
                Logs.ResolveFeedIntents(next, feed);
            }
        }
    }

    // What the device has may be older than versions that were seen. So many are left out that nobody can have got to what comes next; on
    // the device before the first of them is given, since whoever signs the map flushes it.
    private void RaiseVersionsAfterLoss(MapMeta meta, TablePair<TKey, TValue> tables, Guid bootId)
    {
        if ((_features & MetaLayout.FeatureStamps) != 0 && (meta.WasCutOff(bootId) || meta.HasHostCrashed))
        {
            long highest = Math.Max(tables.Current.HighestVersion, tables.Next?.HighestVersion ?? 0);
            meta.RaiseVersionFloor(Math.Max(highest, meta.VersionFloor) + VersionsLeftOut);
        }
    }

    private TablePair<TKey, TValue> CopyWithJournals(MapMeta meta, Table<TKey, TValue> table)
    {
        Table<TKey, TValue> copy = CreateNext(table, table.Plan.BucketCount);
        try
        {
            table.CopyTo(copy);
            Replace(meta, table, copy);
            return new TablePair<TKey, TValue>(copy, null);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private void Replace(MapMeta meta, Table<TKey, TValue> before, Table<TKey, TValue> after)
    {
        after.Flush();
        meta.Publish(after.State);
        meta.Flush();
        before.Dispose();
        DeleteTable(before.Generation);
    }
}
