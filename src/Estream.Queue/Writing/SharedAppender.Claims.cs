using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

// How space is claimed: by one atomic addition if the claim is small and fits, otherwise by compare-and-exchange.
internal sealed partial class SharedAppender
{
    private void UpdateFastStride()
    {
        _fastStride = _disposed || _isFull || _timeIsUp || _keyIsOld || _openStride != 0 ? -1 : _largestAddition;
        _fastAppend = Math.Min(_fastStride, LargestFastAppend);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long AppendSlow(ReadOnlySpan<byte> payload)
    {
        // Take comes first, because it may change _memory to another segment.
        long taken = Take(StrideOf(payload.Length), 1);
        return Write(_memory, taken, payload);
    }

    // Called when the claim ends past the segment or past the next offset at which work is due.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long AppendSlowNotify(long taken, ReadOnlySpan<byte> payload)
    {
        long stride = StrideOf(payload.Length);
        return TryHold(taken, stride) ? Write(_memory, taken, payload) : AppendSlow(payload);
    }

    private long Write(RegionSpan memory, long taken, ReadOnlySpan<byte> payload)
    {
        long offset = TailWord.Offset(taken);
        long numberAndTime = FrameLayout.PackNumberAndTime(TailWord.Number(taken), _time);
        uint checksum = 0;
        if (_checksums)
        {
            checksum = memory.WriteAndChecksum(offset + FrameLayout.HeaderBytes, payload, Crc32C.Append(_checksumSeed, numberAndTime));
        }
        else
        {
            memory.Write(offset + FrameLayout.HeaderBytes, payload);
        }

        Publish(ref memory.At<FrameHeader>(offset), FrameLayout.HeaderBytes + payload.Length, numberAndTime, checksum);
        return _basePosition + offset;
    }

    /// <returns>Number and offset of the claim, packed as <see cref="TailWord"/>.</returns>
    private long Take(long stride, uint count)
    {
        if (stride <= _fastStride)
        {
            BeginClaim();
            long taken = Add(stride, count);
            if (TryHold(taken, stride))
            {
                return taken;
            }
        }

        return ClaimSlow(stride, count);
    }

    // Announces a claim in the slot: keeps the position of the last claim and adds the flag.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginClaim() => _state.WriteRelease(_state.ReadAcquire() | WriterLayout.ClaimingFlag);

    // Called after the slot announces the claim: the addition is a full fence, so a process that sees the new tail sees the announcement.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Add(long stride, uint count)
    {
        long size = TailWord.Pack(count, stride);
        return _tail.Add(size) - size;
    }

    /// <returns>Whether the claim is inside the segment.</returns>
    private bool TryHold(long taken, long stride)
    {
        long offset = TailWord.Offset(taken);
        if (offset + stride > _limit)
        {
            Overshoot(taken);
            return false;
        }

        // Stores the claim word first, then the word of the slot with release ordering: a process that sees the slot sees the claim.
        _memory.WriteInt64(offset, ClaimWord.Pack(_ownerPart, stride));
        _state.WriteRelease(_basePosition + offset);
        if (offset + stride > _noticeAt)
        {
            Notice(taken, stride);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Publish(ref FrameHeader header, int frameBytes, long numberAndTime, uint checksum)
    {
        header.NumberAndTime = numberAndTime;

        // Orders the stores above before the length word that a reader acquires.
        Volatile.Write(ref header.LengthAndChecksum, FrameLayout.PackLengthAndChecksum(frameBytes, checksum));
    }

    // An addition went past the end. The writer that crossed the end marks where the segment ends; no writer adds to this tail again.
    private void Overshoot(long taken)
    {
        if (TailWord.Offset(taken) <= _limit)
        {
            SegmentSeal.Agree(_segment, TailWord.Offset(taken), TailWord.Number(taken));
        }

        _state.WriteRelease(_state.ReadAcquire() & ~WriterLayout.ClaimingFlag);
        _isFull = true;
        UpdateFastStride();
    }

    // Claims space off the fast path: the first claim after another process filled the segment, a large claim, a claim that starts the next
    // segment, or an invalid claim.
    private long ClaimSlow(long stride, uint count)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(QueueAppender));
        if (_openStride != 0)
        {
            throw new InvalidOperationException("A claim of this appender is open. Commit or dispose it first.");
        }

        // The shortest length with this stride: 16 bytes of header and up to 7 of padding are part of it.
        _queue.RequireFits(Math.Max(0, stride - _overhead - FrameLayout.HeaderBytes - (FrameLayout.Alignment - 1)));
        while (true)
        {
            if (_isFull)
            {
                Segment next = _shared.Rotation.Next(_segment);
                EnterEncrypted(next);
                _queue.Segments.Release(_segment);
                _segment = next;
                Enter(next);
            }

            if (TryClaimByCompareExchange(stride, count) is { } taken)
            {
                return taken;
            }
        }
    }

    // As Take, but adds nothing past the end: a claim that would cross it ends the segment at its current end.
    private long? TryClaimByCompareExchange(long stride, uint count)
    {
        RegionSpan memory = _memory;
        BeginClaim();
        long seen = memory.ReadInt64Acquire(SegmentLayout.TailOffset);
        while (true)
        {
            long offset = TailWord.Offset(seen);
            bool fits = offset + stride <= _limit && !_timeIsUp && !_keyIsOld;
            long next = fits ? seen + TailWord.Pack(count, stride) : TailWord.Pack(TailWord.Number(seen), _limit + FrameLayout.Alignment);
            long found = offset > _limit ? seen : memory.CompareExchangeInt64(SegmentLayout.TailOffset, next, seen);
            if (found != seen)
            {
                seen = found;
                continue;
            }

            if (fits)
            {
                _ = TryHold(seen, stride);
                return seen;
            }

            Overshoot(seen);
            return null;
        }
    }
}
