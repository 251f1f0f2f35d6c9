using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// What several writers do beside each other: each changes a stripe only while the stripe's lock is its own. Readers look at no lock.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>The number of entries of a stripe at which the map should begin to move into a larger table.</summary>
    /// <remarks>
    /// Nobody counts all entries. The fullest of many stripes holds about four standard deviations more than its share when the table holds
    /// its limit.
    /// </remarks>
    public long StripeLimit { get; private init; }

    /// <summary>The number of entries of a stripe that are not to be exceeded: what comes waits until the map has begun to move.</summary>
    public long StripeRoom { get; private init; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLock(long stripe, long owner) => StripeLock.TryTake(_stripes.Head(stripe), owner);

    public bool TryTakeOver(long stripe, long dead, long owner) => StripeLock.TryTakeOver(_stripes.Head(stripe), dead, owner);

    public long LockOwnerOf(long stripe) => StripeLock.OwnerOf(_stripes.Head(stripe));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock(long stripe) => StripeLock.Release(_stripes.Head(stripe));

    /// <summary>
    /// Moves a unit, all of whose stripes the caller has locked; nothing, if that is done. One that a dead owner had begun is begun anew,
    /// and one whose marks it had not finished gets the rest of them.
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

    /// <summary>Says of every unit that is not moved that its move may have begun: the writer before did not say so. The caller is
    /// alone.</summary>
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
