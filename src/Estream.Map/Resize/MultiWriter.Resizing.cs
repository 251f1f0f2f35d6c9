using Estream.Core;

namespace Estream.Map.Internal;

// Decides when the map gets a larger, a smaller or an empty table, and publishes that table under moving.lock. If an entry could be lost
// between the tables, also locks all stripes.
internal sealed partial class MultiWriter<TKey, TValue>
{
    private readonly long _smallest;
    private int _growAfter;
    private long _shrinkAfter;
    private Task? _background;

    public override void Clear()
    {
        LockOwner lockOwner = _registry.Rent();
        try
        {
            using IDisposable resizeLock = AwaitResizeLock();
            FinishResize(lockOwner.Word);
            TablePair<TKey, TValue> before = Map.Tables();
            Table<TKey, TValue> empty = Opener.CreateNext(before.Current, MapFormat.MinBuckets);
            LockAll(before.Current, lockOwner.Word);
            PublishClearLocked(before.Current, empty);
            PublishAndUnlockAll(before.Current, new TablePair<TKey, TValue>(empty, null));
            before.Current.Retire();
            FlushOrNoteLoss(Meta.Flush);
            Opener.DeleteTable(before.Current.Generation);
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    // The caller has locked all stripes.
    private void PublishClearLocked(Table<TKey, TValue> table, Table<TKey, TValue> empty)
    {
        try
        {
            PublishClear(table, empty);
            Meta.RaiseVersionFloor(table.HighestVersion);
        }
        catch
        {
            UnlockFirst(table, table.StripeCount);
            throw;
        }
    }

    private void GrowIfFull(Table<TKey, TValue> table, long entries)
    {
        if (entries < table.StripeLimit || --_growAfter > 0)
        {
            return;
        }

        TablePair<TKey, TValue> tables = Map.Tables();
        if (tables.Next is null && tables.Current == table)
        {
            _growAfter = TryStartGrowing(tables, table.Plan.BucketCount * 2) ? 0 : WritesPerUnit;
        }
    }

    private void ShrinkIfFarTooLarge(Table<TKey, TValue> table, long entries)
    {
        bool isWorthCounting = entries < table.EntryLimit / table.StripeCount / ShrinkBelow
            && table.Plan.BucketCount > _smallest
            && --_shrinkAfter <= 0;
        if (!isWorthCounting)
        {
            return;
        }

        _shrinkAfter = Math.Max(WritesPerUnit, table.StripeCount);
        TablePair<TKey, TValue> tables = Map.Tables();
        if (tables.Next is null && tables.Current == table && tables.Count() < table.EntryLimit / ShrinkBelow)
        {
            TryStartShrinking(tables, table.Plan.BucketCount / 2);
        }
    }

    // Separate methods, so that the closures are allocated only if there is work.
    private bool TryStartGrowing(TablePair<TKey, TValue> tables, long buckets) =>
        TryInBackground(IsLarge(buckets), () => TryBegin(tables, buckets, isShrinking: false));

    private bool TryStartShrinking(TablePair<TKey, TValue> tables, long buckets) =>
        TryInBackground(IsLarge(buckets), () => TryBegin(tables, buckets, isShrinking: true));

    // The stripe takes no more entries, so the map must grow; any writer may begin that.
    private void MakeRoom(Table<TKey, TValue> table, long owner)
    {
        var timeout = new LockTimeout(Opener.Clock);
        while (true)
        {
            TablePair<TKey, TValue> tables = Map.Tables();
            if ((tables.Next ?? tables.Current) != table)
            {
                return;
            }

            bool isDone = tables.Next is null
                ? TryBegin(tables, table.Plan.BucketCount * 2, isShrinking: false)
                : TryFinishResize(owner);
            if (!isDone && timeout.Wait() && timeout.IsExpired())
            {
                throw ResizeTooLong();
            }
        }
    }

    /// <summary>Publishes a larger or smaller table, unless another writer is resizing the map.</summary>
    private bool TryBegin(TablePair<TKey, TValue> tables, long buckets, bool isShrinking)
    {
        using IDisposable? resizeLock = TryResizeLock();
        if (resizeLock is null || Meta.State != tables.State)
        {
            return false;
        }

        tables.Current.RequireUnmigrated();
        Table<TKey, TValue> next = Opener.CreateNext(tables.Current, buckets);
        var pair = new TablePair<TKey, TValue>(tables.Current, next);
        if (!isShrinking)
        {
            Publish(pair);
            return true;
        }

        bool isDone = TryPublishSmaller(pair);
        if (!isDone)
        {
            Opener.Abandon(next);
        }

        return isDone;
    }

    // Checks with all stripes locked whether the entries fit. Entries added later go to units that are migrated, and are counted there.
    private bool TryPublishSmaller(TablePair<TKey, TValue> tables)
    {
        LockOwner lockOwner = _registry.Rent();
        try
        {
            LockAll(tables.Current, lockOwner.Word);
            bool fits = tables.Current.FitsInto(tables.Next!);
            PublishAndUnlockAll(tables.Current, fits ? tables : null);
            return fits;
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    private void Publish(TablePair<TKey, TValue> tables)
    {
        Map.Publish(tables);
    }

    private void LockAll(Table<TKey, TValue> table, long owner)
    {
        long locked = 0;
        try
        {
            for (; locked < table.StripeCount; locked++)
            {
                LockStripe(table, locked, owner);
            }
        }
        catch
        {
            UnlockFirst(table, locked);
            throw;
        }
    }

    private void PublishAndUnlockAll(Table<TKey, TValue> table, TablePair<TKey, TValue>? tables)
    {
        try
        {
            if (tables is not null)
            {
                Publish(tables);
            }
        }
        finally
        {
            UnlockFirst(table, table.StripeCount);
        }
    }

    private static void UnlockFirst(Table<TKey, TValue> table, long count)
    {
        while (--count >= 0)
        {
            table.Unlock(count);
        }

        GC.KeepAlive(table);
    }

    // With every stripe locked no writer is between its check and its change, so this table is complete and stays as it is.
    private MapSnapshot<TKey, TValue> FreezeTable(Table<TKey, TValue> table, Table<TKey, TValue> next, long owner, bool isLeased)
    {
        try
        {
            LockAll(table, owner);
        }
        catch
        {
            Opener.Abandon(next);
            throw;
        }

        var snapshot = new MapSnapshot<TKey, TValue>(table, Meta, Map.Directory, Opener.Clock.CoarseUtcNanos);
        if (isLeased)
        {
            table.WriteSnapshotHeader(snapshot.TakenAt, Meta);
        }

        PublishAndUnlockAll(table, new TablePair<TKey, TValue>(table, next));
        if (isLeased)
        {
            // The caller holds moving.lock, so no migration has ended since.
            LeaseTable(table, snapshot);
        }

        return snapshot;
    }

    /// <summary>Does work that no write waits for: at once, or on a separate thread if it takes long. If the storage reports an error, a
    /// later write tries again; a write that finds no room reports the failure, see <see cref="MakeRoom"/>.</summary>
    /// <returns>Whether the work is done or in progress.</returns>
    private bool TryInBackground(bool isLarge, Func<bool> work)
    {
        if (isLarge)
        {
            return TryStart(work);
        }

        try
        {
            return work();
        }
        catch (EstreamStorageException)
        {
            return false;
        }
    }

    private bool TryStart(Func<bool> work)
    {
        Task? before = _background;
        if (before is { IsCompleted: false })
        {
            return false;
        }

        var task = new Task(() => TryInBackground(isLarge: false, work), TaskCreationOptions.LongRunning);
        if (Interlocked.CompareExchange(ref _background, task, before) != before)
        {
            return false;
        }

        task.Start(TaskScheduler.Default);
        return true;
    }

    private void AwaitBackground()
    {
        try
        {
            _background?.GetAwaiter().GetResult();
        }
        catch (EstreamException)
        {
            // The map is intact; a write that needs room reports the failure.
        }
    }
}
