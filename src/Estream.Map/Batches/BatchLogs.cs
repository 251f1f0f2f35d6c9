using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The logs of a map's batches: those of this object, and those that others have left.</summary>
internal sealed class BatchLogs<TKey, TValue>(RegionSource source)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly BatchLog<TKey, TValue>?[] _own = new BatchLog<TKey, TValue>?[WriterSlots.SlotCount];

    /// <summary>The log of a place that others may have had, if there is one.</summary>
    public BatchLog<TKey, TValue>? TryOpen(int place, ulong hashSeed, RegionAccess access = RegionAccess.ReadWrite)
    {
        if (source is not DirectorySource files || !files.Storage.FileExists(files.Describe(BatchLayout.File(place))))
        {
            return null;
        }

        string name = BatchLayout.File(place);
        return TryMap(name, access) is { } region ? BatchLog<TKey, TValue>.Open(region, source.Describe(name), hashSeed) : null;
    }

    /// <summary>All logs that there are, to be looked at and never written.</summary>
    /// <param name="made">How many had been announced before.</param>
    /// <param name="hashSeed">That of the map.</param>
    public BatchWatch<TKey, TValue> Watch(long made, ulong hashSeed)
    {
        if (source is not DirectorySource)
        {
            return new BatchWatch<TKey, TValue>(made, [.. _own.OfType<BatchLog<TKey, TValue>>()], isOwner: false);
        }

        List<BatchLog<TKey, TValue>> logs = [];
        try
        {
            foreach (int place in Places())
            {
                if (TryOpen(place, hashSeed, RegionAccess.ReadOnly) is { } log)
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

        return new BatchWatch<TKey, TValue>(made, [.. logs], isOwner: true);
    }

    /// <summary>Brings the logs of this object to the device that stripes may owe to the change feed.</summary>
    public void FlushOwed()
    {
        foreach (BatchLog<TKey, TValue>? log in _own)
        {
            if (log is { IsOwing: true })
            {
                log.Flush();
            }
        }
    }

    /// <summary>Makes the log of a place, instead of one that nothing is in.</summary>
    public BatchLog<TKey, TValue> Create(int place, int capacity, ulong hashSeed)
    {
        string name = BatchLayout.File(place);
        source.Delete(name);
        return BatchLog<TKey, TValue>.Initialize(source.Create(name, BatchLog<TKey, TValue>.BytesFor(capacity)), source.Describe(name), hashSeed);
    }

    /// <summary>Notes that the log of a place is this object's.</summary>
    public void Keep(int place, BatchLog<TKey, TValue> log) => _own[place] = log;

    /// <summary>A place of the one writer that no batch has.</summary>
    /// <returns>-1 when all are taken.</returns>
    public int FreePlace() => Array.IndexOf(_own, null);

    /// <summary>Gives a place up. Of what its log still owes somebody has to know: such a log stays as long as the map is open.</summary>
    /// <returns>Whether the place is free.</returns>
    public bool TryGiveUp(int place)
    {
        if (_own[place] is { IsOwing: true })
        {
            return false;
        }

        if (source is DirectorySource)
        {
            // In memory somebody may be looking at it: the collector takes it away then.
            _own[place]?.Dispose();
        }

        _own[place] = null;
        return true;
    }

    /// <summary>Tells the feed how what a stripe owes really is; by who alone may change the stripe now.</summary>
    public void Settle(Table<TKey, TValue> table, long stripe, ChangeFeed<TKey, TValue> feed)
    {
        int place = table.OwedBatchOf(stripe);
        if (place < 0)
        {
            table.Settle(stripe, feed);
            return;
        }

        BatchLog<TKey, TValue>? own = _own[place];
        BatchLog<TKey, TValue>? log = own ?? TryOpenAnything(place, table.HashSeed);
        try
        {
            table.SettleBatch(stripe, log, feed);
        }
        finally
        {
            if (own is null)
            {
                log?.Dispose();
            }
        }
    }

    /// <summary>The same for everything that counts in a table; the caller is alone.</summary>
    public void SettleAll(Table<TKey, TValue> table, ChangeFeed<TKey, TValue> feed)
    {
        for (long stripe = 0; stripe < table.StripeCount && table.Plan.HasStripeHeads; stripe++)
        {
            if (table.Owes(stripe) && !table.IsMoved(stripe))
            {
                Settle(table, stripe, feed);
            }
        }
    }

    /// <summary>Makes the rest of the batch of a dead writer, if it had begun one.</summary>
    /// <param name="table">Where the dead one has locks.</param>
    /// <param name="dead">The word in them.</param>
    /// <returns>Whether there was one. It is made then, by the caller or somebody else.</returns>
    public bool TryComplete(Table<TKey, TValue> table, long dead)
    {
        int place = OwnerWord.SlotOf(dead);
        if ((uint)place >= WriterSlots.SlotCount)
        {
            return false;
        }

        using BatchLog<TKey, TValue>? log = TryOpen(place, table.HashSeed);
        if (log is null || log.Owner != dead)
        {
            return false;
        }

        // No lock of a stripe is waited for with this one in hand: all that are needed are the dead one's, and nobody takes one of them
        // over before the batch is made.
        using IDisposable? completing = LockCompleting();
        if (log.Owner == dead)
        {
            Complete(log, table.Generation == log.Generation ? table : throw log.OfAnotherTable(table.Generation));
        }

        return true;
    }

    /// <summary>Makes the rest of the batch that the owner before has left in the log of a place.</summary>
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

    /// <summary>Makes the rest of every batch that was begun; the caller is alone, and all writers are dead.</summary>
    public void CompleteAll(MapMeta meta, TablePair<TKey, TValue> tables)
    {
        foreach (int place in meta.HasBatches ? Places() : [])
        {
            using BatchLog<TKey, TValue>? log = TryOpen(place, meta.HashSeed);
            if (log is not null && log.Owner != OwnerWord.Nobody && log.MapEpoch == meta.WriterEpoch)
            {
                Complete(log, TableOf(log, tables));
            }
        }
    }

    /// <summary>Removes all logs; the caller is alone, and nothing is in them any more.</summary>
    public void DeleteAll()
    {
        foreach (int place in Places())
        {
            source.Delete(BatchLayout.File(place));
        }
    }

    /// <summary>Makes the folder of the logs.</summary>
    public void CreateFolder()
    {
        if (source is DirectorySource files)
        {
            files.Storage.CreateDirectory(files.Describe(BatchLayout.Directory));
        }
    }

    // It may be what a power cut has left of one.
    private BatchLog<TKey, TValue>? TryOpenAnything(int place, ulong hashSeed)
    {
        try
        {
            return TryOpen(place, hashSeed);
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
            // Its owner is just making a larger one, so nothing was in it.
            return null;
        }
        catch (EstreamCorruptionException)
        {
            // Without a byte: its making was cut off.
            return null;
        }
    }

    // Every step can be repeated, by who finds that this one died as well.
    private static void Complete(BatchLog<TKey, TValue> log, Table<TKey, TValue> table)
    {
        table.Complete(log, log.RequireWhole());
        log.End();
    }

    // The locks of the dead keep the table from being left behind.
    private static Table<TKey, TValue> TableOf(BatchLog<TKey, TValue> log, TablePair<TKey, TValue> tables) =>
        log.Generation == tables.Current.Generation ? tables.Current
        : log.Generation == tables.Next?.Generation ? tables.Next
        : throw log.OfAnotherTable(tables.Current.Generation);

    private IDisposable? LockCompleting() => source is DirectorySource files ? TimedLock.Take(files.Storage, files.Describe(BatchLayout.LockFile)) : null;

    private IEnumerable<int> Places() => source is DirectorySource files && files.Storage.DirectoryExists(files.Describe(BatchLayout.Directory))
        ? files.Storage.ListFiles(files.Describe(BatchLayout.Directory), "").Select(BatchLayout.PlaceOf).Where(place => (uint)place < WriterSlots.SlotCount)
        : [];
}
