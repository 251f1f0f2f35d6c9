using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The heads of a table's stripes. A stripe is a run of buckets that is searched, counted and migrated as a unit. An entry is always in
/// the stripe of its home bucket.
/// </summary>
internal readonly struct Stripes
{
    private readonly RegionBlocks _heads;

    // A table of version 1 is one stripe without a head: its count has another offset, and it was never marked as migrated.
    private readonly RegionSpan _oldCount;

    public Stripes(RegionSpan file, TablePlan plan)
    {
        Count = plan.StripeCount;
        if (plan.HasStripeHeads)
        {
            _heads = file.AsBlocks(plan.StripesOffset, plan.StripeCount, TableLayout.StripeHeadBytes);
        }
        else
        {
            _oldCount = file.Slice(TableLayout.OldCount, sizeof(long));
        }
    }

    public long Count { get; }

    public bool HasHeads => _heads.Count > 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long EntriesOf(long stripe) => HasHeads
        ? Head(stripe).ReadInt64Acquire(TableLayout.StripeCount)
        : _oldCount.ReadInt64Acquire(0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetEntries(long stripe, long count)
    {
        if (HasHeads)
        {
            Head(stripe).WriteInt64Release(TableLayout.StripeCount, count);
        }
        else
        {
            _oldCount.WriteInt64Release(0, count);
        }
    }

    /// <summary>Acquire: a reader that sees the mark sees the migrated entries in the next table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsMigrated(long stripe) => HasHeads && Head(stripe).ReadInt64Acquire(TableLayout.StripeState) != TableLayout.StripeIsHere;

    /// <summary>Whether the next table was flushed after the migration of the stripe.</summary>
    public bool IsMigrationFlushed(long stripe) => Head(stripe).ReadInt64(TableLayout.StripeState) == TableLayout.StripeMigrationFlushed;

    /// <summary>Release: everything in the next table is stored before the word that directs readers there.</summary>
    public void SetState(long stripe, long state) => Head(stripe).WriteInt64Release(TableLayout.StripeState, state);

    /// <summary>Notes that a migration into a stripe begins; release.</summary>
    /// <returns>Whether a migration had begun before, so that the stripe may have entries already.</returns>
    public bool Begin(long stripe)
    {
        RegionBlock head = Head(stripe);
        bool wasBegun = head.ReadInt64(TableLayout.StripeBegun) != 0;
        head.WriteInt64Release(TableLayout.StripeBegun, 1);
        return wasBegun;
    }

    /// <summary>The last version used in the stripe.</summary>
    public long VersionOf(long stripe) => Head(stripe).ReadInt64Acquire(TableLayout.StripeVersion);

    public void RaiseVersion(long stripe, long version)
    {
        RegionBlock head = Head(stripe);
        if (head.ReadInt64(TableLayout.StripeVersion) < version)
        {
            head.WriteInt64Release(TableLayout.StripeVersion, version);
        }
    }

    /// <summary>The feed intent of the stripe.</summary>
    public long FeedIntentOf(long stripe) => Head(stripe).ReadInt64(TableLayout.StripeFeedIntent);

    /// <summary>Release: the key of a slot is stored before the word that names the slot, and a change before the word that clears
    /// it.</summary>
    public void SetFeedIntent(long stripe, long intent) => Head(stripe).WriteInt64Release(TableLayout.StripeFeedIntent, intent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long stripe) => _heads.Prefetch(stripe);

    /// <summary>The head of a stripe. Its first word is the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RegionBlock Head(long stripe) => _heads.At(stripe, TableLayout.StripeHeadBytes);
}
