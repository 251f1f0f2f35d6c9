namespace Estream.Map.Internal;

// Recovery and conversion by a writer with exclusive access, before it changes anything. Undoes the unfinished work of a dead writer, and
// converts old tables to the required layout.
internal sealed partial class MapOpener<TKey, TValue>
{
    private const long VersionsLeftOut = 1L << 40;

    /// <summary>
    /// Prepares a map for several writers. Values that need several stores need a journal for each stripe: a table with a single journal is
    /// copied once. The caller is the only writer. A crash leaves the map unchanged or ready.
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

    /// <summary>Converts a map of version 1 to this version. After a crash the map is whole in one of the two versions.</summary>
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

        // The journals contain counts from before the power cut. If this process dies from here on, the next writer no longer detects the
        // power cut, and would restore those counts.
        tables.Current.ForgetJournals();
        tables.Next?.ForgetJournals();
    }

    // The journals have been read before this call. A batch changes the counts without a journal, so the counts in the journals become
    // wrong. A log from before the machine started may have the content of any moment, because batches are not flushed.
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

    // Publishes the actual state of entries whose change a dead writer published but did not apply.
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

    // The durable versions may be lower than versions that readers have seen. The skipped range is larger than any writer can have assigned
    // since that version was durable. TakeOver makes the floor durable before the first version above it is assigned.
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
