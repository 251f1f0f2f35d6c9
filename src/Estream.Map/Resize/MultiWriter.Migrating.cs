using Estream.Core;

namespace Estream.Map.Internal;

// Migrates the map from one table to the next. Every writer migrates units under the locks of their stripes. One of them ends the
// migration under the kernel's lock on moving.lock, which ends with its owner.
internal sealed partial class MultiWriter<TKey, TValue>
{
    private Progress? _progress;
    private int _writes;

    /// <summary>Migrates the unit of a key before the key is changed, and sometimes one more unit.</summary>
    /// <returns>The table in which to change the key.</returns>
    private Table<TKey, TValue> MigrateFor(TablePair<TKey, TValue> tables, in TKey key, long owner)
    {
        Table<TKey, TValue> next = tables.Next!;
        long home = tables.Current.HomeOf(in key);

        // Checks the mark that readers check: the mark of the key's own stripe, not the mark of another stripe of its unit.
        if (!tables.Current.IsMigrated(tables.Current.StripeOfBucket(home)))
        {
            MigrateUnit(tables, tables.Current.UnitOf(home, next), owner);
        }

        if (++_writes >= WritesPerUnit)
        {
            _writes = 0;
            MigrateNextUnit(tables, owner);
        }

        return next;
    }

    private void MigrateNextUnit(TablePair<TKey, TValue> tables, long owner)
    {
        Progress? progress = _progress;
        if (progress?.Tables != tables)
        {
            _progress = progress = new Progress(tables);
        }

        if (progress.NextUnit() is var unit && unit < tables.Units)
        {
            MigrateUnit(tables, unit, owner);
        }
        else
        {
            StartEnding(tables);
        }
    }

    // A separate method, so that the closure is allocated only if there is work.
    private void StartEnding(TablePair<TKey, TValue> tables) =>
        TryInBackground(IsLarge(tables.Next!.Plan.BucketCount), () => TryEnd(tables));

    private void MigrateUnit(TablePair<TKey, TValue> tables, long unit, long owner)
    {
        Table<TKey, TValue> table = tables.Current;
        long stripes = table.StripeCount / tables.Units;
        long locked = unit * stripes;
        try
        {
            // Locks the stripes in ascending order, like every writer that locks several.
            for (; locked < (unit + 1) * stripes; locked++)
            {
                LockStripe(table, locked, owner);
            }

            if (!table.IsUnitMigrated(unit, tables.Next!))
            {
                ResolveFeedIntentsOfUnit(tables, unit);
            }

            table.MigrateLockedUnit(unit, tables.Next!);
        }
        finally
        {
            while (--locked >= unit * stripes)
            {
                table.Unlock(locked);
            }

            GC.KeepAlive(table);
        }
    }

    private bool TryFinishResize(long owner)
    {
        using IDisposable? resizeLock = TryResizeLock();
        if (resizeLock is null)
        {
            return false;
        }

        FinishResize(owner);
        return true;
    }

    // The caller holds moving.lock.
    private void FinishResize(long owner)
    {
        TablePair<TKey, TValue> tables = Map.Tables();
        for (long unit = 0; tables.Next is not null && unit < tables.Units; unit++)
        {
            if (!tables.Current.IsUnitMigrated(unit, tables.Next))
            {
                MigrateUnit(tables, unit, owner);
            }
        }

        End(tables);
    }

    private bool TryEnd(TablePair<TKey, TValue> tables)
    {
        using IDisposable? resizeLock = TryResizeLock();
        if (resizeLock is not null)
        {
            End(tables);
        }

        return resizeLock is not null;
    }

    private void End(TablePair<TKey, TValue> tables)
    {
        if (tables.Next is { } next && Meta.State == tables.State)
        {
            PublishOnly(next, tables.Current);
        }
    }

    private IDisposable? TryResizeLock() => _files.Storage.TryLock(_files.Describe(MapFormat.ResizeLockFile), LockMode.Exclusive);

    private IDisposable AwaitResizeLock()
    {
        var timeout = new LockTimeout(Opener.Clock);
        while (true)
        {
            if (TryResizeLock() is { } resizeLock)
            {
                return resizeLock;
            }

            if (timeout.Wait() && timeout.IsExpired())
            {
                throw ResizeTooLong();
            }
        }
    }

    private EstreamLeaseException ResizeTooLong() => new(
        $"Another writer of the map in '{_files.Directory}' has been resizing it for a minute. Its device is slow, or the process "
        + "is stopped. Try again, or end that process.",
        _files.Describe(MapFormat.ResizeLockFile));

    /// <summary>The progress of one migration, as far as this object has seen it.</summary>
    private sealed class Progress(TablePair<TKey, TValue> tables)
    {
        private long _cursor;

        public TablePair<TKey, TValue> Tables { get; } = tables;

        /// <summary>The first unit that is not migrated, as far as this object has looked; the number of units if all are.</summary>
        public long NextUnit()
        {
            long unit = Volatile.Read(ref _cursor);
            while (unit < Tables.Units && Tables.Current.IsUnitMigrated(unit, Tables.Next!))
            {
                unit++;
            }

            Volatile.Write(ref _cursor, unit);
            return unit;
        }
    }
}
