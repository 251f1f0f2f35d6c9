using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// Locking for several writers: each changes a stripe only while it holds the stripe's lock. Readers ignore locks.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>The number of entries of a stripe at which the map should begin to migrate to a larger table.</summary>
    /// <remarks>
    /// No writer counts all entries. When the table holds its limit, the fullest of many stripes has about four standard deviations more
    /// than its share.
    /// </remarks>
    public long StripeLimit { get; private init; }

    /// <summary>The number of entries that a stripe must not exceed. Further inserts wait until a migration has begun.</summary>
    public long StripeRoom { get; private init; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLock(long stripe, long owner) => StripeLock.TryTake(_stripes.Head(stripe), owner);

    /// <summary>Prefetches the lock of the stripe that contains a bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchLock(long bucket) => _stripes.Prefetch(StripeOfBucket(bucket));

    public bool TryTakeOver(long stripe, long dead, long owner) => StripeLock.TryTakeOver(_stripes.Head(stripe), dead, owner);

    public long LockOwnerOf(long stripe) => StripeLock.OwnerOf(_stripes.Head(stripe));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock(long stripe) => StripeLock.Release(_stripes.Head(stripe));

    /// <summary>
    /// Migrates a unit, all of whose stripes the caller has locked. If the unit is migrated already, only completes its marks, which a
    /// dead owner may have left incomplete. A unit that a dead owner had begun is started over.
    /// </summary>
    public void MigrateLockedUnit(long unit, Table<TKey, TValue> target)
    {
        if (IsUnitMigrated(unit, target))
        {
            MarkMigrated(unit, target);
            return;
        }

        MigrateUnit(unit, target, target.BeginUnit(unit, UnitsTo(target)));
    }

    /// <summary>
    /// Marks every unit as begun in the target, because the previous writer did not set these marks and may have died within a unit. The
    /// caller has exclusive access.
    /// </summary>
    public void SuspectHalfMigrations(Table<TKey, TValue> target)
    {
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            target.BeginUnit(unit, UnitsTo(target));
        }
    }

    private bool BeginUnit(long unit, long units)
    {
        bool wasBegun = false;
        long stripes = StripeCount / units;
        for (long stripe = unit * stripes; stripe < (unit + 1) * stripes; stripe++)
        {
            wasBegun |= _stripes.Begin(stripe);
        }

        return wasBegun;
    }

    private static long LimitOfStripe(TablePlan plan, long tableLimit)
    {
        long share = tableLimit / plan.StripeCount;
        long slots = plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket;
        return plan.StripeCount == 1 ? share : Math.Min(share + (4 * (long)Math.Sqrt(share)), slots * 3 / 4);
    }
}
