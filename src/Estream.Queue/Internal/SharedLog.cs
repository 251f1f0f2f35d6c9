using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// How one of several writers appends. A place is taken by one addition to the segment's tail; a claim word says until the commit whose
/// it is and how long; the writer's slot says in between that a claim is under way. docs/formats/queue.md, "How several writers append".
/// </summary>
internal sealed class SharedLog : IDisposable
{
    // What is added blindly may go beyond the segment's end, by one claim of every appender there can be. Larger claims look first:
    // so the low half of the tail never overflows into the number, and never comes round to the segment's start.
    private const long AdditionLimit = 64 << 10;

    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly SharedWriters _shared;
    private readonly WriterSlot _slot;
    private readonly long _ownerPart;
    private readonly RegionSpan _slotMemory;
    private readonly long _largestAddition;
    private Segment _segment;
    private RegionSpan _memory;
    private long _basePosition;
    private long _limit;
    private long _lastPosition;

    // Claims up to here take the quick path; -1 while a claim is open, when the segment is full or too old, and after disposal.
    private long _quickStride;

    // Where the next thing to do on the way is: preparing the next segment, or a note in the index.
    private long _noticeAt;
    private long _prepareAt;
    private uint _time;
    private uint _checksumSeed;
    private bool _checksums;
    private bool _isFull;
    private bool _timeIsUp;
    private long _openClaim;
    private long _openStride;
    private bool _disposed;

    public SharedLog(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _clock = options.Clock;
        _largestAddition = Math.Min(AdditionLimit, StrideOf(queue.MaxMessageBytes));
        _shared = queue.Shared;
        _slot = _shared.TakeSlot();
        _slotMemory = _slot.Memory;
        _ownerPart = ClaimWord.OwnerPart(_slot.Number, _slot.Epoch);
        try
        {
            _segment = _shared.Rotation.Last();
            Enter(_segment);
            RequireFreeTail();
        }
        catch
        {
            if (_segment is not null)
            {
                queue.Segments.Release(_segment);
            }

            _slot.Dispose();
            throw;
        }
    }

    /// <summary>The position behind what is claimed now, by whomever.</summary>
    public long NextPosition => _basePosition + Math.Min(TailWord.Offset(Tail()), _limit);

    /// <summary>The number the next claim of anybody would have now.</summary>
    public long NextSequence => _segment.FirstSequence + TailWord.Number(Tail());

    /// <summary>Hears that the coarse clock went on.</summary>
    public void SetTime(long now)
    {
        // Another process, with a clock a moment ahead, may have begun the segment.
        long units = Math.Max(0, (now - _segment.BaseTime) / FrameLayout.TimeUnitNanos);
        _timeIsUp = units > uint.MaxValue;
        _time = (uint)units;
        UpdateQuickStride();
    }

    /// <summary>Appends a message.</summary>
    /// <returns>Its position.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Append(ReadOnlySpan<byte> payload)
    {
        long taken = Take(StrideOf(payload.Length), 1);
        long offset = TailWord.Offset(taken);
        RegionSpan memory = _memory;
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

        Publish(memory, offset, FrameLayout.HeaderBytes + payload.Length, numberAndTime, checksum);
        return _basePosition + offset;
    }

    /// <summary>Takes a place that stays claimed until <see cref="Commit(int)"/> or <see cref="Abort"/>.</summary>
    public Span<byte> Claim(int maxLength, out long position)
    {
        long stride = StrideOf(maxLength);
        _openClaim = Take(stride, 1);
        _openStride = stride;
        UpdateQuickStride();
        long offset = TailWord.Offset(_openClaim);
        position = _basePosition + offset;
        return _memory.Span(offset + FrameLayout.HeaderBytes, maxLength);
    }

    /// <summary>Takes a place for several messages, of which the last bytes are kept back.</summary>
    /// <returns>Its position.</returns>
    public long Claim(long stride, long reserve, int maxMessages, OpenBatch batch)
    {
        _openClaim = Take(stride, (uint)maxMessages);
        _openStride = stride;
        UpdateQuickStride();
        long offset = TailWord.Offset(_openClaim);
        batch.Begin(_segment, offset, stride - reserve, TailWord.Number(_openClaim), _time, maxMessages);
        return _basePosition + offset;
    }

    /// <summary>Shows a batch whose frames are complete.</summary>
    public void Commit(OpenBatch batch)
    {
        long end = TailWord.Offset(_openClaim) + _openStride;
        if (batch.NextOffset < end)
        {
            _memory.WriteInt64(batch.NextOffset, PadFrame.Word(_segment, end - batch.NextOffset));
        }

        batch.Publish();
        Close();
    }

    public void Commit(int length)
    {
        long offset = TailWord.Offset(_openClaim);
        long used = StrideOf(length);
        if (used < _openStride)
        {
            _memory.WriteInt64(offset + used, PadFrame.Word(_segment, _openStride - used));
        }

        long numberAndTime = FrameLayout.PackNumberAndTime(TailWord.Number(_openClaim), _time);
        uint checksum = _checksums
            ? Crc32C.Append(Crc32C.Append(_checksumSeed, numberAndTime), _memory.ReadOnlySpan(offset + FrameLayout.HeaderBytes, length))
            : 0;
        Publish(_memory, offset, FrameLayout.HeaderBytes + length, numberAndTime, checksum);
        Close();
    }

    public void Abort()
    {
        _memory.WriteInt64Release(TailWord.Offset(_openClaim), PadFrame.Word(_segment, _openStride));
        Close();
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _quickStride = -1;
            if (_openStride != 0)
            {
                Abort();
            }

            _memory = default;
            _queue.Segments.Release(_segment);
            _slot.Dispose();
        }
    }

    // In 64 bits: a span may be as long as an int can say.
    private static long StrideOf(int length) => (length + (FrameLayout.HeaderBytes + 7L)) & ~7L;

    private void Close()
    {
        _openStride = 0;
        UpdateQuickStride();
    }

    private long Tail() => _segment.Memory.ReadInt64Acquire(SegmentLayout.TailOffset);

    private void UpdateQuickStride() => _quickStride = _disposed || _isFull || _timeIsUp || _openStride != 0 ? -1 : _largestAddition;

    /// <returns>Number and offset of the place, as <see cref="TailWord"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Take(long stride, uint count)
    {
        if (stride <= _quickStride)
        {
            RegionSpan memory = _memory;

            // Before the addition, which is a full fence: whoever sees the new tail sees that this writer was about to claim.
            _slotMemory.WriteInt64Release(WriterLayout.ClaimOffset, _lastPosition | WriterLayout.ClaimingFlag);
            long size = TailWord.Pack(count, stride);
            long taken = Interlocked.Add(ref memory.At<long>(SegmentLayout.TailOffset), size) - size;
            long offset = TailWord.Offset(taken);
            if (offset + stride <= _limit)
            {
                Hold(memory, taken, stride);
                return taken;
            }

            Overshoot(taken);
        }

        return TakeSlowly(stride, count);
    }

    // The claim word before the slot's word, which is stored with release ordering: whoever sees this writer done sees the claim.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Hold(RegionSpan memory, long taken, long stride)
    {
        long offset = TailWord.Offset(taken);
        memory.WriteInt64(offset, ClaimWord.Pack(_ownerPart, stride));
        _lastPosition = _basePosition + offset;
        _slotMemory.WriteInt64Release(WriterLayout.ClaimOffset, _lastPosition);
        if (offset + stride > _noticeAt)
        {
            Notice(taken, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Publish(RegionSpan memory, long offset, int frameBytes, long numberAndTime, uint checksum)
    {
        ref FrameHeader header = ref memory.At<FrameHeader>(offset);
        header.NumberAndTime = numberAndTime;

        // Orders the stores above before the length word that a reader acquires.
        Volatile.Write(ref header.LengthAndChecksum, FrameLayout.PackLengthAndChecksum(frameBytes, checksum));
    }

    // An addition that went past the end. The one who crossed it says where the segment ends; nobody adds to this tail again.
    private void Overshoot(long taken)
    {
        if (TailWord.Offset(taken) <= _limit)
        {
            SegmentSeal.Agree(_segment, TailWord.Offset(taken), TailWord.Number(taken));
        }

        _slotMemory.WriteInt64Release(WriterLayout.ClaimOffset, _lastPosition);
        _isFull = true;
        UpdateQuickStride();
    }

    // The first claim after another process filled the segment, a large one, one that starts the next segment, or one that is refused.
    private long TakeSlowly(long stride, uint count)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(QueueAppender));
        if (_openStride != 0)
        {
            throw new InvalidOperationException("A claim of this appender is open. Commit or dispose it first.");
        }

        // Of the lengths that have this stride the shortest: 16 bytes of header and up to 7 of padding are in it.
        _queue.RequireFits(Math.Max(0, stride - FrameLayout.HeaderBytes - (FrameLayout.Alignment - 1)));
        while (true)
        {
            if (_isFull)
            {
                Segment next = _shared.Rotation.Next(_segment);
                _queue.Segments.Release(_segment);
                _segment = next;
                Enter(next);
            }

            if (TryTakeByLooking(stride, count) is { } taken)
            {
                return taken;
            }
        }
    }

    // As Take, but nothing is added beyond the end: the claim that crosses it ends the segment where it is.
    private long? TryTakeByLooking(long stride, uint count)
    {
        RegionSpan memory = _memory;
        _slotMemory.WriteInt64Release(WriterLayout.ClaimOffset, _lastPosition | WriterLayout.ClaimingFlag);
        long seen = memory.ReadInt64Acquire(SegmentLayout.TailOffset);
        while (true)
        {
            long offset = TailWord.Offset(seen);
            bool fits = offset + stride <= _limit && !_timeIsUp;
            long next = fits ? seen + TailWord.Pack(count, stride) : TailWord.Pack(TailWord.Number(seen), _limit + FrameLayout.Alignment);
            long found = offset > _limit ? seen : memory.CompareExchangeInt64(SegmentLayout.TailOffset, next, seen);
            if (found != seen)
            {
                seen = found;
                continue;
            }

            if (fits)
            {
                Hold(memory, seen, stride);
                return seen;
            }

            Overshoot(seen);
            return null;
        }
    }

    private void Enter(Segment segment)
    {
        _segment = segment;
        _memory = segment.Memory;
        _basePosition = segment.Index * _queue.SegmentBytes;
        _limit = segment.Limit;
        _checksums = segment.HasChecksums;
        _checksumSeed = segment.ChecksumSeed;
        _prepareAt = _shared.Supply.PrepareAt;
        _noticeAt = Math.Min(_prepareAt, SegmentLayout.IndexStrideBytes - 1);

        // From here on a claim under way is in this segment, behind its first frame.
        _lastPosition = _basePosition + SegmentLayout.HeaderBytes;
        _slotMemory.WriteInt64Release(WriterLayout.ClaimOffset, _lastPosition);
        _isFull = TailWord.Offset(Tail()) > _limit;
        SetTime(_clock.CoarseUtcNanos);
    }

    // Where the tail points nothing is written yet, or the tail has moved on meanwhile. Else a crash of the machine has lost the tail,
    // and what it leads to would be written over.
    private void RequireFreeTail()
    {
        while (true)
        {
            long tail = Tail();
            long offset = TailWord.Offset(tail);
            if (offset > _limit || (offset >= SegmentLayout.HeaderBytes && _memory.ReadInt64Acquire(offset) == 0))
            {
                return;
            }

            if (Tail() == tail)
            {
                throw new EstreamCorruptionException(
                    $"The header of '{_segment.Path}' says that the log ends at offset {offset}, where messages are: it is damaged, or from before a power cut. "
                    + "An appender in AppenderMode.Exclusive finds the end again.", _segment.Path, SegmentLayout.TailOffset);
            }
        }
    }

    private void Notice(long taken, long stride)
    {
        long offset = TailWord.Offset(taken);
        SegmentIndex.Note(_segment, offset, stride, TailWord.Number(taken), _time);
        if (offset + stride > _prepareAt)
        {
            _prepareAt = long.MaxValue;
            _shared.Supply.Prepare();
        }

        _noticeAt = Math.Min(_prepareAt, SegmentIndex.NextBoundary(offset + stride) - 1);
    }
}
