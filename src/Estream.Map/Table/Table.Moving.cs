using Estream.Core;

namespace Estream.Map.Internal;

// How a growing or shrinking map goes from this table into the next one: unit by unit, a unit being the stripe of whichever table has
// fewer of them, so that it is one range of hashes in both. Nothing here is changed but the word in the stripe's head that says where its
// entries are now: whoever is still reading them finds what was current when they were moved.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>How many units the entries are moved to another table in.</summary>
    public long UnitsTo(Table<TKey, TValue> target) => Math.Min(StripeCount, target.StripeCount);

    public bool IsUnitMoved(long unit, Table<TKey, TValue> target) => _stripes.IsMoved(unit * StripesPerUnit(target));

    public long UnitOf(long home, Table<TKey, TValue> target) => StripeOfBucket(home) / StripesPerUnit(target);

    /// <summary>Whether every unit fits into a smaller table, whatever the hashes are.</summary>
    public bool FitsInto(Table<TKey, TValue> target)
    {
        long room = target.Plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket / 2;
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            if (EntriesOfUnit(unit, UnitsTo(target)) > room * (target.StripeCount / UnitsTo(target)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Before a move begins: a stripe that says it was moved already would be taken for empty.</summary>
    /// <exception cref="EstreamCorruptionException">There is one, so the file was damaged.</exception>
    public void RequireUnmoved()
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            if (_stripes.IsMoved(stripe))
            {
                long offset = Plan.StripesOffset + (stripe * TableLayout.StripeHeadBytes);
                throw new EstreamCorruptionException(
                    $"Stripe {stripe} of '{Path}' says at byte {offset} that it was moved, and the map has not begun to move. The file was damaged; restore "
                    + "the map from a copy, or delete its directory and rebuild it from its queue.",
                    Path,
                    offset);
            }
        }
    }

    /// <summary>Moves a unit. A kill before it is marked leaves it here, and half of it there, which <paramref name="isRepeated"/>
    /// clears.</summary>
    public void MoveUnit(long unit, Table<TKey, TValue> target, bool isRepeated)
    {
        if (isRepeated)
        {
            target.ClearUnit(unit, this);
        }

        long first = unit * StripesPerUnit(target);
        for (long stripe = first; stripe < first + StripesPerUnit(target); stripe++)
        {
            CopyStripe(stripe, target);
        }

        CarryVersions(unit, target);
        MarkMoved(unit, target);

        GC.KeepAlive(this);
        GC.KeepAlive(target);
    }

    /// <summary>
    /// After a kill: of the two stripes of a unit of a shrinking map the first may be marked and the second not. All of the unit is in the
    /// next table then, so the marks are completed, before a write there that a reader of the second stripe would not see.
    /// </summary>
    public void CompleteMarks(Table<TKey, TValue> target)
    {
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            if (IsUnitMoved(unit, target))
            {
                MarkMoved(unit, target);
            }
        }
    }

    /// <summary>
    /// After a power cut that left no next table: what marks there are reached the device before the word that says that a move began,
    /// which never did. They would keep the next move from moving those stripes.
    /// </summary>
    public void ForgetMoves()
    {
        for (long stripe = 0; stripe < StripeCount && _stripes.HasHeads; stripe++)
        {
            _stripes.SetState(stripe, TableLayout.StripeIsHere);
        }
    }

    /// <summary>Copies every entry into an empty table that nobody else sees.</summary>
    public void CopyTo(Table<TKey, TValue> target)
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            CopyStripe(stripe, target);
        }

        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            CarryVersions(unit, target);
        }
    }

    /// <summary>The stripes that are moved and, as far as is known, not on the device: ask before flushing the next table, since others may
    /// go on moving.</summary>
    public IReadOnlyList<long> MovesNotOnDevice()
    {
        List<long> moved = [];
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            if (_stripes.IsMoved(stripe) && !_stripes.IsMovedOnDevice(stripe))
            {
                moved.Add(stripe);
            }
        }

        return moved;
    }

    /// <summary>Notes that what was moved is on the device: call after flushing the next table.</summary>
    public void MarkMovesOnDevice(IReadOnlyList<long> stripes)
    {
        foreach (long stripe in stripes)
        {
            _stripes.SetState(stripe, TableLayout.StripeMovedOnDevice);
        }
    }

    /// <summary>
    /// After a power cut: a stripe may be marked as moved while what was moved never got to the device. Where no flush vouches for it the
    /// entries here count again, which are those of the last flush.
    /// </summary>
    public void TakeBackMovesNotOnDevice(Table<TKey, TValue> target)
    {
        for (long unit = 0; unit < UnitsTo(target); unit++)
        {
            long first = unit * StripesPerUnit(target);
            bool isWhole = true;
            for (long stripe = first; stripe < first + StripesPerUnit(target); stripe++)
            {
                isWhole &= _stripes.IsMovedOnDevice(stripe);
            }

            for (long stripe = first; !isWhole && stripe < first + StripesPerUnit(target); stripe++)
            {
                _stripes.SetState(stripe, TableLayout.StripeIsHere);
            }
        }
    }

    private long StripesPerUnit(Table<TKey, TValue> target) => StripeCount / UnitsTo(target);

    private void MarkMoved(long unit, Table<TKey, TValue> target)
    {
        long first = unit * StripesPerUnit(target);
        for (long stripe = first; stripe < first + StripesPerUnit(target); stripe++)
        {
            if (!_stripes.IsMoved(stripe))
            {
                _stripes.SetState(stripe, TableLayout.StripeMoved);
            }
        }
    }

    private void ClearUnit(long unit, Table<TKey, TValue> source)
    {
        long stripes = StripeCount / source.UnitsTo(this);
        for (long stripe = unit * stripes; stripe < (unit + 1) * stripes; stripe++)
        {
            for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
            {
                BlockAt(bucket).WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, 0);
            }

            _stripes.SetEntries(stripe, 0);
        }
    }

    private void CopyStripe(long stripe, Table<TKey, TValue> target)
    {
        if (HasPlacesOf(target))
        {
            CopyBuckets(stripe, target);
            return;
        }

        for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            RegionBlock block = BlockAt(bucket);
            uint taken = (uint)block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset) & SlotLayout<TKey, TValue>.TakenMask;
            for (; taken != 0; taken &= taken - 1)
            {
                int slot = ControlWord.SlotOf(taken);
                ref readonly TKey key = ref block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot));
                target.InsertUnjournaled(target.HomeOf(in key), in key, in block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot)));
            }
        }
    }

    // Whether every entry has the same place in both, because they have the same size.
    private bool HasPlacesOf(Table<TKey, TValue> target) =>
        HashSeed == target.HashSeed && Plan.BucketCount == target.Plan.BucketCount && Plan.StripeBuckets == target.Plan.StripeBuckets;

    private void CopyBuckets(long stripe, Table<TKey, TValue> target)
    {
        int bytes = checked((int)(Plan.StripeBuckets * SlotLayout<TKey, TValue>.BucketBytes));
        long first = FirstBucketOf(stripe);
        _region.All.ReadOnlySpan(OffsetOf(first), bytes).CopyTo(target._region.All.Span(target.OffsetOf(first), bytes));
        target._stripes.SetEntries(stripe, _stripes.EntriesOf(stripe));
    }
}
