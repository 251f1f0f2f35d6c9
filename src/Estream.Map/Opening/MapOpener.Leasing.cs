using Estream.Core;

namespace Estream.Map.Internal;

// The lease of a snapshot's table to other processes, during which its file stays. A table file is deleted only after the word that marks
// the table as unused is durable.
internal sealed partial class MapOpener<TKey, TValue>
{
    /// <summary>Leases the table of a new snapshot, and ends the previous lease, if any. The caller has the right to begin and end
    /// migrations.</summary>
    public void LeaseTable(MapMeta meta, long generation)
    {
        long before = meta.ExchangeLeased(generation);
        if (before != 0)
        {
            DeleteReleased(meta, before);
        }
    }

    /// <summary>Ends a lease, unless another table has been leased since. While the map still migrates from the table, the end of the
    /// migration deletes the file.</summary>
    public void EndLease(MapMeta meta, long generation)
    {
        // This and the end of the migration both store, then load, with a full fence in between: at least one sees the other's store.
        if (generation != 0 && meta.TryEndLease(generation) && MapState.GenerationOf(meta.State, meta.Version) > generation)
        {
            DeleteReleased(meta, generation);
        }
    }

    /// <summary>Deletes the file of a table after the end of its migration is durable. If the table is leased, the end of the lease deletes
    /// the file instead.</summary>
    public void DeleteUnlessLeased(MapMeta meta, long generation)
    {
        if (!meta.IsLeased(generation))
        {
            DeleteTable(generation);
        }
    }

    /// <summary>Opens the leased table for reading, with a separate mapping.</summary>
    public Table<TKey, TValue>? TryOpenLeased(MapMeta meta)
    {
        for (int attempt = 0; attempt < MaxOpenAttempts; attempt++)
        {
            // A table leased before the machine stopped may be torn. The next writer ends that lease before it stores its boot id.
            if (_source is not DirectorySource || !IsOfThisRun(meta))
            {
                return null;
            }

            long generation = meta.LeasedTable;
            if (generation == 0)
            {
                return null;
            }

            try
            {
                return OpenTable(generation, meta.HashSeed, RegionAccess.ReadOnly);
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
            {
                // The lease of this table has just ended; another table may be leased now.
            }
        }

        return null;
    }

    // The writer that ended the migration may have died before the state word was durable. If the device refuses the flush, the next
    // opening deletes the file.
    private void DeleteReleased(MapMeta meta, long generation)
    {
        try
        {
            meta.Flush();
        }
        catch (EstreamStorageException)
        {
            meta.NoteLoss();
            return;
        }

        DeleteTable(generation);
    }
}

/// <summary>The lease of a snapshot's table to readers. It ends when the snapshot is disposed, its map is closed, or another snapshot is
/// lent.</summary>
internal sealed class SnapshotLease<TKey, TValue>(MapOpener<TKey, TValue> opener, MapMeta meta, long generation)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly Lock _gate = new();
    private bool _isEnded;

    /// <summary>Ends the lease. Idempotent. Afterwards this object no longer uses the map.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_isEnded)
            {
                _isEnded = true;
                opener.EndLease(meta, generation);
            }
        }
    }
}
