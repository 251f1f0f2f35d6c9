using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The batch logs of a map: the logs of this object, and the logs that other writers have left.</summary>
internal sealed class BatchLogs<TKey, TValue>(RegionSource source)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly BatchLog<TKey, TValue>?[] _own = new BatchLog<TKey, TValue>?[WriterSlots.SlotCount];

    /// <summary>Opens the log of a slot, if there is one; another writer may have left it.</summary>
    public BatchLog<TKey, TValue>? TryOpen(int slot, ulong hashSeed, RegionAccess access = RegionAccess.ReadWrite)
    {
        if (source is not DirectorySource files || !files.Storage.FileExists(files.Describe(BatchLayout.File(slot))))
        {
            return null;
        }

        string name = BatchLayout.File(slot);
        return TryMap(name, access) is { } region ? BatchLog<TKey, TValue>.Open(region, source.Describe(name), hashSeed) : null;
    }

    /// <summary>Opens all logs for reading.</summary>
    /// <param name="made">The number of logs announced before this call.</param>
    /// <param name="hashSeed">The hash seed of the map.</param>
    public BatchLogView<TKey, TValue> OpenLogReader(long made, ulong hashSeed)
    {
        if (source is not DirectorySource)
        {
            return new BatchLogView<TKey, TValue>(made, [.. _own.OfType<BatchLog<TKey, TValue>>()], isOwner: false);
        }

        List<BatchLog<TKey, TValue>> logs = [];
        try
        {
            foreach (int slot in Slots())
            {
                if (TryOpen(slot, hashSeed, RegionAccess.ReadOnly) is { } log)
                {
                    logs.Add(log);
                }
            }
        }
        catch
        {
            logs.ForEach(log => log.Dispose());
            throw;
        }

        return new BatchLogView<TKey, TValue>(made, [.. logs], isOwner: true);
    }

    /// <summary>Flushes the logs of this object that feed intents of stripes refer to.</summary>
    public void FlushFeedIntents()
    {
        foreach (BatchLog<TKey, TValue>? log in _own)
        {
            if (log is { HasFeedIntents: true })
            {
                log.Flush();
            }
        }
    }

    /// <summary>Creates the log of a slot, replacing an empty log.</summary>
    public BatchLog<TKey, TValue> Create(int slot, int capacity, ulong hashSeed)
    {
        string name = BatchLayout.File(slot);
        source.Delete(name);
        MemoryRegion region = source.Create(name, BatchLog<TKey, TValue>.BytesFor(capacity));
        return BatchLog<TKey, TValue>.Initialize(region, source.Describe(name), hashSeed);
    }

    /// <summary>Records that this object owns the log of a slot.</summary>
    public void Keep(int slot, BatchLog<TKey, TValue> log) => _own[slot] = log;

    /// <summary>Returns a slot of a single writer that no batch uses.</summary>
    /// <returns>-1 if all are taken.</returns>
    public int FreeSlot() => Array.IndexOf(_own, null);

    /// <summary>Releases a slot, unless feed intents refer to its log: that log stays while the map is open.</summary>
    /// <returns>Whether the slot is free.</returns>
    public bool TryRelease(int slot)
    {
        if (_own[slot] is { HasFeedIntents: true })
        {
            return false;
        }

        if (source is DirectorySource)
        {
            // A log in memory is not disposed, because a reader may be using it: the garbage collector frees it later.
            _own[slot]?.Dispose();
        }

        _own[slot] = null;
        return true;
    }

    /// <summary>Publishes the actual state of the entries that a stripe's feed intent names. The caller has the exclusive right to change
    /// the stripe.</summary>
    public void ResolveFeedIntent(Table<TKey, TValue> table, long stripe, ChangeFeed<TKey, TValue> feed)
    {
        int slot = table.BatchOfFeedIntent(stripe);
        if (slot < 0)
        {
            table.ResolveFeedIntent(stripe, feed);
            return;
        }

        BatchLog<TKey, TValue>? own = _own[slot];
        BatchLog<TKey, TValue>? log = own ?? TryOpenAnything(slot, table.HashSeed);
        try
        {
            table.ResolveBatchIntent(stripe, log, feed);
        }
        finally
        {
            if (own is null)
            {
                log?.Dispose();
            }
        }
    }

    /// <summary>Publishes the actual state of the entries named by the feed intents of all stripes that are not migrated. The caller is the
    /// only writer.</summary>
    public void ResolveFeedIntents(Table<TKey, TValue> table, ChangeFeed<TKey, TValue> feed)
    {
        for (long stripe = 0; stripe < table.StripeCount && table.Plan.HasStripeHeads; stripe++)
        {
            if (table.HasFeedIntent(stripe) && !table.IsMigrated(stripe))
            {
                ResolveFeedIntent(table, stripe, feed);
            }
        }
    }

    /// <summary>Completes the batch that a dead writer has committed, if there is one.</summary>
    /// <param name="table">The table in which the dead writer holds locks.</param>
    /// <param name="dead">The owner word of those locks.</param>
    /// <returns>Whether there was one; the caller or another writer has then completed it.</returns>
    public bool TryComplete(Table<TKey, TValue> table, long dead)
    {
        int slot = OwnerWord.SlotOf(dead);
        if ((uint)slot >= WriterSlots.SlotCount)
        {
            return false;
        }

        using BatchLog<TKey, TValue>? log = TryOpen(slot, table.HashSeed);
        if (log is null || log.Owner != dead)
        {
            return false;
        }

        // The holder of this lock waits for no stripe lock. The dead writer holds all stripe locks of the batch, and no writer takes one
        // over before the batch is complete.
        using IDisposable? completing = LockCompleting();
        if (log.Owner == dead)
        {
            Complete(log, table.Generation == log.Generation ? table : throw log.OfAnotherTable(table.Generation));
        }

        return true;
    }

    /// <summary>Completes the batch that the previous owner left in the log of a slot.</summary>
    public void CompleteBefore(BatchLog<TKey, TValue> log, TablePair<TKey, TValue> tables)
    {
        if (log.Owner == OwnerWord.Nobody)
        {
            return;
        }

        using IDisposable? completing = LockCompleting();
        if (log.Owner != OwnerWord.Nobody)
        {
            Complete(log, TableOf(log, tables));
        }
    }

    /// <summary>Completes every committed batch. The caller is the only writer.</summary>
    public void CompleteAll(MapMeta meta, TablePair<TKey, TValue> tables)
    {
        foreach (int slot in meta.HasBatches ? Slots() : [])
        {
            using BatchLog<TKey, TValue>? log = TryOpen(slot, meta.HashSeed);
            if (log is not null && log.Owner != OwnerWord.Nobody && log.MapEpoch == meta.WriterEpoch)
            {
                Complete(log, TableOf(log, tables));
            }
        }
    }

    /// <summary>Removes all logs, which are empty. The caller is the only writer.</summary>
    public void DeleteAll()
    {
        foreach (int slot in Slots())
        {
            source.Delete(BatchLayout.File(slot));
        }
    }

    /// <summary>Creates the folder of the logs.</summary>
    public void CreateFolder()
    {
        if (source is DirectorySource files)
        {
            files.Storage.CreateDirectory(files.Describe(BatchLayout.Directory));
        }
    }

    // Returns null for a log that a power cut has damaged.
    private BatchLog<TKey, TValue>? TryOpenAnything(int slot, ulong hashSeed)
    {
        try
        {
            return TryOpen(slot, hashSeed);
        }
        catch (EstreamCorruptionException)
        {
            return null;
        }
    }

    private MemoryRegion? TryMap(string name, RegionAccess access)
    {
        try
        {
            return source.Open(name, access);
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            // The owner is creating a larger log, so this one was empty.
            return null;
        }
        catch (EstreamCorruptionException)
        {
            // The file has no bytes: its creation was interrupted.
            return null;
        }
    }

    // Every step can be repeated. If this writer dies, another writer repeats them.
    private static void Complete(BatchLog<TKey, TValue> log, Table<TKey, TValue> table)
    {
        table.Complete(log, log.RequireWhole());
        log.End();
    }

    // The locks of the dead writer keep the migration of its table from ending.
    private static Table<TKey, TValue> TableOf(BatchLog<TKey, TValue> log, TablePair<TKey, TValue> tables) =>
        log.Generation == tables.Current.Generation ? tables.Current
        : log.Generation == tables.Next?.Generation ? tables.Next
        : throw log.OfAnotherTable(tables.Current.Generation);

    private IDisposable? LockCompleting() =>
        source is DirectorySource files ? TimedLock.Take(files.Storage, files.Describe(BatchLayout.LockFile)) : null;

    private IEnumerable<int> Slots()
    {
        if (source is not DirectorySource files || !files.Storage.DirectoryExists(files.Describe(BatchLayout.Directory)))
        {
            return [];
        }

        string[] names = [.. files.Storage.ListFiles(files.Describe(BatchLayout.Directory), "")];
        return names.Select(BatchLayout.SlotOf).Where(slot => (uint)slot < WriterSlots.SlotCount);
    }
}
