using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Gives up the places that dead writers had claimed, so that readers get on. Any number of threads and processes may do so at once and
/// may die or be stopped anywhere in it: each place changes hands by one compare-and-swap, on facts that cannot become untrue
/// (docs/formats/queue.md, "When a writer dies").
/// </summary>
internal sealed class DeadWriterReclaimer(EstreamQueue queue, WriterTable table)
{
    // A writer is between its addition to the tail and its claim word for some ten nanoseconds, unless it loses its core there.
    private const int ClaimSpins = 200;

    // Whom a caller knows to be dead without asking: nobody, everybody, or the owner of a slot whose lock it holds.
    private const int Nobody = -1;
    private const int Everybody = -2;

    private enum Outcome
    {
        /// <summary>Nothing is claimed here.</summary>
        Unclaimed,

        /// <summary>The place was given up, or turned out to be in order: look again.</summary>
        Changed,

        /// <summary>It belongs to a living writer, or cannot be told from a place that does.</summary>
        Waiting,
    }

    /// <summary>Clears up after all writers that died and have not been cleared up after.</summary>
    /// <returns>Whether no writer is left, dead or alive.</returns>
    public bool TryClearUpAll()
    {
        bool clear = true;
        for (int slot = 0; slot < WriterSlots.SlotCount; slot++)
        {
            if (table.Owner(slot) == 0)
            {
                continue;
            }

            // Shared: one who is stopped while clearing up keeps the slot from a new owner, but keeps nobody from clearing up as well.
            using IDisposable? held = table.TryLock(slot, LockMode.Shared);
            clear &= held is not null && (table.Owner(slot) == 0 || TryClearUp(slot));
        }

        return clear;
    }

    /// <summary>Clears up after the dead owner of a slot, whose lock the caller holds in either mode.</summary>
    public bool TryClearUp(int slot)
    {
        long claim = table.Claim(slot);
        long position = claim & ~WriterLayout.ClaimingFlag;
        Segment? segment = position < SegmentLayout.HeaderBytes ? null : queue.Segments.Acquire(position / queue.SegmentBytes);
        if (segment is not null)
        {
            try
            {
                // One that died elsewhere than between its addition and its claim word has at most one place, and its slot says where.
                long offset = position % queue.SegmentBytes;
                if (claim == position)
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

    /// <summary>Gives up the place at which a reader waits, if its claimer is dead.</summary>
    /// <returns>Whether it is worth looking again.</returns>
    public bool TryClearAt(Segment segment, long offset)
    {
        long word = segment.Memory.ReadInt64Acquire(offset);
        return word == 0 ? ClearHole(segment, offset, Nobody) == Outcome.Changed : TryPadDead(segment, offset, word, Nobody);
    }

    /// <summary>Gives up whatever the dead have claimed in a segment, wherever it is.</summary>
    public void ClearAll(Segment segment) => _ = TryClearFrom(segment, SegmentLayout.HeaderBytes, Nobody);

    /// <summary>
    /// Ends a shared segment in which nobody can claim any more, since the caller has the queue to itself, and gives up what is still
    /// claimed in it.
    /// </summary>
    public void SealAlone(Segment segment)
    {
        RegionSpan memory = segment.Memory;
        SegmentSeal.WriteAgreed(segment);
        long offset = SegmentLayout.HeaderBytes;
        uint number = 0;
        while (true)
        {
            long word = memory.ReadInt64Acquire(offset);
            if (word == 0 && ClearHole(segment, offset, Everybody) == Outcome.Unclaimed)
            {
                // There may be more messages than the tail knows of: a power cut lost the header's page. They count.
                SegmentSeal.Agree(segment, offset, Math.Max(number, TailWord.Number(memory.ReadInt64Acquire(SegmentLayout.TailOffset))));
                return;
            }

            if (FrameCheck.IsEndOfSegment(memory, offset, (int)word))
            {
                return;
            }

            if ((int)word < 0)
            {
                TryPadDead(segment, offset, word, Everybody);
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

    // The claim that was under way, if it got as far as the addition, lies behind the last one: every place from there on is looked at.
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

    /// <returns>Whether the place is no longer claimed.</returns>
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

        // Only now: nobody writes there any more.
        FrameCheck.RequireClaim(segment, offset, word);
        RequireUncommitted(segment, offset, word);
        Pad(segment, offset, word, FrameLayout.StrideOfAny((int)word));
        return true;
    }

    // What is durable was committed. The position before the word: of a claim that was committed and flushed since it was looked at,
    // another word is seen then.
    private void RequireUncommitted(Segment segment, long offset, long word)
    {
        if (queue.Record.Durable > (segment.Index * queue.SegmentBytes) + offset && segment.Memory.ReadInt64Acquire(offset) == word)
        {
            throw FrameCheck.NoClaim(segment, offset, word);
        }
    }

    // A zero below the tail. The order matters: the tail first, then what every writer is doing, then the zeros again.
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

        // From here on: who claimed below that tail and lives has written its claim word. What is zero now belongs to the dead, for good.
        if (tail > segment.Limit)
        {
            return ClearHoleOfFull(segment, offset);
        }

        long next = NextWritten(memory, offset, tail);
        Pad(segment, offset, 0, next - offset);
        return Outcome.Changed;
    }

    // One of the claims went past the end. If its claimer died before it could say where the segment ends, it ends in its last hole.
    private Outcome ClearHoleOfFull(Segment segment, long offset)
    {
        RegionSpan memory = segment.Memory;
        bool wasSealed = SegmentSeal.WriteAgreed(segment);
        long end = segment.Limit + FrameLayout.Alignment;
        long next = NextWritten(memory, offset, end);

        // Somebody else may be ending the segment just now, and its frame's second word was seen before the first.
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
                $"'{segment.Path}' is damaged at offset {offset}: nothing is there, but the header says that the segment ends before. "
                + "Run 'estream queue verify' and restore it from a copy.", segment.Path, offset);
    }

    /// <summary>Where the first word behind an empty place is that is not zero; the end where there is none.</summary>
    public static long NextWritten(RegionSpan memory, long offset, long end)
    {
        long next = offset;
        while (next < end && memory.ReadInt64Acquire(next) == 0)
        {
            next += FrameLayout.Alignment;
        }

        return next;
    }

    // Whether no living writer is between its addition to a tail and its claim word, as far as the caller's look at the tail goes back.
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

    private static bool IsDead(int slot, int dead) => dead == slot || dead == Everybody;

    private void Pad(Segment segment, long offset, long expected, long stride)
    {
        // Several dead claims can make a hole longer than a length word can say: the rest is a hole again.
        long length = Math.Min(stride, FrameLayout.LengthMask & ~(FrameLayout.Alignment - 1));
        if (length > 0)
        {
            segment.Memory.CompareExchangeInt64(offset, PadFrame.Word(segment, length), expected);
            queue.WaiterSignal.Notify();
        }
    }
}
