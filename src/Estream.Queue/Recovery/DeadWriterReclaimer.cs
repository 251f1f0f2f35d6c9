using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Reclaims slots and claims left by dead writers, so that readers can proceed. Any number of threads and processes may reclaim at once,
/// and may die or stop at any point. Each claim changes hands by one compare-and-swap, based on facts that stay true
/// (docs/formats/queue.md, "When a writer dies").
/// </summary>
internal sealed class DeadWriterReclaimer(EstreamQueue queue, WriterTable table)
{
    // A writer is between its addition to the tail and its claim word for about ten nanoseconds, unless it is preempted there.
    private const int ClaimSpins = 200;

    // Writers the caller already knows to be dead: none, all, or the owner of the slot it has locked.
    private const int None = -1;
    private const int All = -2;

    private enum Outcome
    {
        /// <summary>Nothing is claimed at the offset.</summary>
        Unclaimed,

        /// <summary>The claim was reclaimed, or turned out to be committed: check again.</summary>
        Changed,

        /// <summary>The claim belongs to a live writer, or cannot be distinguished from the claim of a live writer.</summary>
        Waiting,
    }

    /// <summary>Whether another process has a writer, dead or alive.</summary>
    public bool HasForeignWriters
    {
        get
        {
            for (int slot = 0; slot < WriterSlots.SlotCount; slot++)
            {
                if (table.Owner(slot) != 0 && !table.IsOwn(slot))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Reclaims the slots and claims of all dead writers.</summary>
    /// <param name="skipsOwn">Whether to take the writers of this process for living ones, which saves opening a file for each.</param>
    /// <returns>Whether no writer is left, dead or alive.</returns>
    public bool TryClearUpAll(bool skipsOwn = false)
    {
        bool clear = true;
        for (int slot = 0; slot < WriterSlots.SlotCount; slot++)
        {
            if (table.Owner(slot) == 0)
            {
                continue;
            }

            if (skipsOwn && table.IsOwn(slot))
            {
                clear = false;
                continue;
            }

            // A shared lock: a process that is stopped here blocks a new owner of the slot, but no other reclaimer.
            using IDisposable? held = table.TryLock(slot, LockMode.Shared);
            clear &= held is not null && (table.Owner(slot) == 0 || TryClearUp(slot));
        }

        return clear;
    }

    /// <summary>Reclaims the claims that the dead owner of a slot left, and then the slot. The caller holds the lock of the slot in either
    /// mode.</summary>
    public bool TryClearUp(int slot)
    {
        long claim = table.Claim(slot);
        long position = claim & ~WriterLayout.ClaimingFlag;
        Segment? segment = position < SegmentLayout.HeaderBytes ? null : queue.Segments.Acquire(position / queue.SegmentBytes);
        if (segment is not null)
        {
            try
            {
                // Unless a writer died between its addition and its claim word, it has at most one claim, whose position is in its slot.
                long offset = position % queue.SegmentBytes;
                segment.EnsureLoaded(offset, segment.Memory.Length - offset);
                if (offset > segment.Limit)
                {
                    // The word of the slot is damaged: no claim begins there.
                }
                else if (claim == position)
                {
                    TryPadDead(segment, offset, segment.Memory.ReadInt64Acquire(offset), slot);
                }
                else if (!TryClearFrom(segment, offset, slot))
                {
                    return false;
                }
            }
            finally
            {
                queue.Segments.Release(segment);
            }
        }

        table.Clear(slot);
        return true;
    }

    /// <summary>Reclaims the claim at which a reader waits, if its owner is dead.</summary>
    /// <returns>Whether the caller should check again.</returns>
    public bool TryClearAt(Segment segment, long offset)
    {
        long word = segment.Memory.ReadInt64Acquire(offset);
        return word == 0 ? ClearHole(segment, offset, None) == Outcome.Changed : TryPadDead(segment, offset, word, None);
    }

    /// <summary>Reclaims all claims of dead writers in a segment.</summary>
    public void ClearAll(Segment segment) => _ = TryClearFrom(segment, SegmentLayout.HeaderBytes, None);

    /// <summary>
    /// Seals a shared segment and reclaims all open claims in it. The caller has exclusive access to the queue, so no writer can claim
    /// space any more.
    /// </summary>
    public void SealAlone(Segment segment)
    {
        segment.EnsureLoaded(0, segment.Memory.Length);
        RegionSpan memory = segment.Memory;
        SegmentSeal.WriteAgreed(segment);
        long offset = SegmentLayout.HeaderBytes;
        uint number = 0;
        while (true)
        {
            long word = memory.ReadInt64Acquire(offset);
            if (word == 0 && ClearHole(segment, offset, All) == Outcome.Unclaimed)
            {
                // If a power cut lost the page of the header, the segment may have more messages than the tail says. The end-of-segment
                // frame counts them too.
                SegmentSeal.Agree(segment, offset, Math.Max(number, TailWord.Number(memory.ReadInt64Acquire(SegmentLayout.TailOffset))));
                return;
            }

            if (FrameCheck.IsEndOfSegment(memory, offset, (int)word))
            {
                return;
            }

            if ((int)word < 0)
            {
                TryPadDead(segment, offset, word, All);
            }
            else if (word != 0)
            {
                number = Math.Max(number, NumberBehind(segment, offset, (int)word));
                offset += FrameLayout.StrideOfAny((int)word);
            }
        }
    }

    private static uint NumberBehind(Segment segment, long offset, int word)
    {
        if (FrameCheck.IsSkipped(segment, offset, word))
        {
            return 0;
        }

        FrameCheck.RequireMessage(segment, offset, word);
        return FrameCheck.NumberBehind(segment, offset);
    }

    // Reclaims the claims of dead writers from an offset on. A writer that died between its addition and its claim word left a claim
    // somewhere after its last known claim, so every claim from there on is checked.
    private bool TryClearFrom(Segment segment, long offset, int dead)
    {
        RegionSpan memory = segment.Memory;
        while (offset <= segment.Limit)
        {
            long word = memory.ReadInt64Acquire(offset);
            if (word == 0)
            {
                Outcome outcome = ClearHole(segment, offset, dead);
                if (outcome != Outcome.Changed)
                {
                    return outcome == Outcome.Unclaimed;
                }

                continue;
            }

            if (FrameCheck.IsEndOfSegment(memory, offset, (int)word))
            {
                return true;
            }

            if ((int)word < 0)
            {
                TryPadDead(segment, offset, word, dead);
            }
            else if (!FrameCheck.IsSkipped(segment, offset, (int)word))
            {
                FrameCheck.RequireMessage(segment, offset, (int)word);
            }

            offset += FrameLayout.StrideOfAny((int)word);
        }

        return true;
    }

    /// <returns>Whether the space is no longer claimed.</returns>
    private bool TryPadDead(Segment segment, long offset, long word, int dead)
    {
        if ((int)word >= 0)
        {
            return word != 0;
        }

        FrameCheck.RequireClaimShape(segment, offset, word);
        int slot = ClaimWord.Slot(word);
        using IDisposable? held = IsDead(slot, dead) || !ClaimWord.HasEpoch(word, table.Epoch(slot))
            ? null
            : table.TryLock(slot, LockMode.Shared);
        if (held is null && !IsDead(slot, dead) && ClaimWord.HasEpoch(word, table.Epoch(slot)))
        {
            return false;
        }

        // The checksum is computed only now, when no writer writes there any more.
        FrameCheck.RequireClaim(segment, offset, word);
        RequireUncommitted(segment, offset, word);
        Pad(segment, offset, word, FrameLayout.StrideOfAny((int)word));
        return true;
    }

    // Everything before the durable position was committed. The durable position is read before the word: if the claim was committed and
    // flushed since it was checked, the word has changed.
    private void RequireUncommitted(Segment segment, long offset, long word)
    {
        if (queue.Record.Durable > (segment.Index * queue.SegmentBytes) + offset && segment.Memory.ReadInt64Acquire(offset) == word)
        {
            throw FrameCheck.NoClaim(segment, offset, word);
        }
    }

    // Handles a zero word below the tail. The order of the reads matters: the tail, then the state of each writer, then the zeros again.
    private Outcome ClearHole(Segment segment, long offset, int dead)
    {
        RegionSpan memory = segment.Memory;
        long tail = TailWord.Offset(memory.ReadInt64Acquire(SegmentLayout.TailOffset));
        if (offset >= tail)
        {
            return Outcome.Unclaimed;
        }

        if (!HaveAllClaimed(dead))
        {
            return Outcome.Waiting;
        }

        // From here on, every live writer that claimed below that tail has written its claim word. A word that is zero now belongs to a
        // dead writer and stays zero.
        if (tail > segment.Limit)
        {
            return ClearHoleOfFull(segment, offset);
        }

        long next = NextWritten(memory, offset, tail);
        Pad(segment, offset, 0, next - offset);
        return Outcome.Changed;
    }

    // One of the claims went past the end. If its owner died before it marked the end of the segment, the segment ends in its last hole.
    private Outcome ClearHoleOfFull(Segment segment, long offset)
    {
        RegionSpan memory = segment.Memory;
        bool wasSealed = SegmentSeal.WriteAgreed(segment);
        long end = segment.Limit + FrameLayout.Alignment;
        long next = NextWritten(memory, offset, end);

        // Checks again: another process may be sealing the segment, and the second word of its frame was visible before the first.
        if (!wasSealed && SegmentSeal.WriteAgreed(segment))
        {
            return Outcome.Changed;
        }

        if (next < end)
        {
            Pad(segment, offset, 0, next - offset);
            return Outcome.Changed;
        }

        SegmentSeal.Agree(segment, offset, TailWord.Number(memory.ReadInt64Acquire(SegmentLayout.TailOffset)));
        return memory.ReadInt32Acquire(offset) != 0
            ? Outcome.Changed
            : throw new EstreamCorruptionException(
                $"'{segment.Path}' is damaged at offset {offset}: no frame is there, and the header gives an earlier end of the segment. "
                + "Run 'estream queue verify' and restore it from a copy.", segment.Path, offset);
    }

    /// <summary>The offset of the first non-zero word after a hole; the end if there is none.</summary>
    public static long NextWritten(RegionSpan memory, long offset, long end)
    {
        long next = offset;
        while (next < end && memory.ReadInt64Acquire(next) == 0)
        {
            next += FrameLayout.Alignment;
        }

        return next;
    }

    // Whether each live writer that claimed space below the tail that the caller has read has stored its claim word.
    private bool HaveAllClaimed(int dead)
    {
        for (int slot = 0; slot < WriterSlots.SlotCount; slot++)
        {
            long claim = table.Claim(slot);
            for (int spin = 0; (claim & WriterLayout.ClaimingFlag) != 0 && !IsDead(slot, dead) && table.Claim(slot) == claim; spin++)
            {
                if (spin < ClaimSpins)
                {
                    Thread.SpinWait(1);
                    continue;
                }

                using IDisposable? held = table.TryLock(slot, LockMode.Shared);
                if (held is null)
                {
                    return false;
                }

                break;
            }
        }

        return true;
    }

    private static bool IsDead(int slot, int dead) => dead == slot || dead == All;

    private void Pad(Segment segment, long offset, long expected, long stride)
    {
        // Several dead claims can form a hole longer than a length word can express: the rest is another hole.
        long length = Math.Min(stride, FrameLayout.LengthMask & ~(FrameLayout.Alignment - 1));
        if (length > 0)
        {
            segment.Memory.CompareExchangeInt64(offset, PadFrame.Word(segment, length), expected);
            queue.WaiterSignal.Notify();
        }
    }
}
