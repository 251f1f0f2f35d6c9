using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// One of several writers of a queue. A single atomic addition to the tail of the segment claims space. Until commit, the claim word holds
/// the owner and length; before that, the slot of the writer announces the claim. See docs/formats/queue.md, "How several writers append".
/// </summary>
internal sealed partial class SharedAppender : AppendStrategy
{
    // An unconditional addition may cross the end of the segment, by one claim of each possible appender. Larger claims read the tail
    // first, so the low half of the tail never overflows into the number or wraps to the start of the segment.
    private const long AdditionLimit = 64 << 10;

    // Up to this length, copying in place is at least as fast as a call of a copy routine.
    private const long LargestFastAppend = FrameLayout.HeaderBytes + 256;

    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly SharedWriters _shared;
    private readonly WriterSlot _slot;
    private readonly long _ownerPart;
    private readonly RegionSharedWord _state;
    private readonly WaiterSignal _waiterSignal;
    private readonly long _largestAddition;
    private Segment _segment;
    private RegionSpan _memory;
    private RegionSharedWord _tail;
    private long _basePosition;
    private long _limit;

    // Claims of at most this many bytes take the fast path; -1 while a claim is open, when the segment is full or too old, and after
    // disposal.
    private long _fastStride;
    private long _fastAppend;

    // The next offset at which work is due: preparing the next segment, or an entry in the index.
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

    public SharedAppender(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _clock = options.Clock;
        _overhead = queue.BlockOverhead;
        _blocks = queue.Keys is null ? null : new BlockWriter(queue);
        _largestAddition = Math.Min(AdditionLimit, StrideOf(queue.MaxMessageBytes) + _overhead);
        _shared = queue.Shared;
        _waiterSignal = queue.WaiterSignal;
        _slot = _shared.TakeSlot();
        _state = new RegionSharedWord(_slot.Memory, WriterLayout.ClaimOffset);
        _ownerPart = ClaimWord.OwnerPart(_slot.Number, _slot.Epoch);
        try
        {
            _segment = _shared.Rotation.Last();
            EnterEncrypted(_segment, isKept: true);
            Enter(_segment);
            RequireFreeTail();

            // Wakes readers that a killed appender never woke.
            _waiterSignal.Notify();
        }
        catch
        {
            if (_segment is not null)
            {
                queue.Segments.Release(_segment);
            }

            _shared.ReleaseSlot(_slot);
            _blocks?.Dispose();
            throw;
        }
    }

    /// <summary>Whether the frames of this segment have checksums. Constant during a call.</summary>
    public bool HasChecksums => _checksums;

    /// <summary>The position after all claims of all appenders.</summary>
    public override long NextPosition => _basePosition + Math.Min(TailWord.Offset(Tail()), _limit);

    /// <summary>The number of the next claim of any appender.</summary>
    public override long NextSequence => _segment.FirstSequence + TailWord.Number(Tail());

    public override void SetTime(long now)
    {
        // Another process, whose clock is slightly ahead, may have started the segment.
        long units = Math.Max(0, (now - _segment.BaseTime) / FrameLayout.TimeUnitNanos);
        _timeIsUp = units > uint.MaxValue;
        _time = (uint)units;
        UpdateFastStride();
    }

    public override long Append(ReadOnlySpan<byte> payload) => IsEncrypted ? AppendBlock(payload) : AppendPlaintext(payload);

    /// <summary>Appends a message to an unencrypted queue. The caller notifies waiters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long AppendPlaintext(ReadOnlySpan<byte> payload) => _checksums ? Append<Checksummed>(payload) : Append<Plain>(payload);

    /// <summary>Appends a message. The caller notifies waiters.</summary>
    /// <typeparam name="TChecksum">The mode that <see cref="HasChecksums"/> reports.</typeparam>
    /// <returns>The position of the message.</returns>
    /// <remarks>
    /// The atomic addition waits until all earlier stores are in the cache, so few stores may precede it. Therefore only the last statement
    /// is a call, which would spill registers, and the code exists once with checksums and once without, which leaves enough registers.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Append<TChecksum>(ReadOnlySpan<byte> payload)
        where TChecksum : struct, IChecksumMode
    {
        long stride = StrideOf(payload.Length);
        if (stride > _fastAppend)
        {
            return AppendSlow(payload);
        }

        RegionSpan memory = _memory;
        RegionSharedWord state = _state;
        state.WriteRelease(state.ReadAcquire() | WriterLayout.ClaimingFlag);

        // Compares the returned tail, not the sum: saves a subtraction between the addition and the stores.
        long tail = _tail.Add(TailWord.Pack(1, stride));
        long end = TailWord.Offset(tail);
        if (end > _noticeAt)
        {
            return AppendSlowNotify(tail - TailWord.Pack(1, stride), payload);
        }

        long offset = end - stride;

        // Stores in the same order as TryHold.
        ref FrameHeader header = ref memory.At<FrameHeader>(offset);
        header.LengthAndChecksum = ClaimWord.Pack(_ownerPart, stride);
        long position = _basePosition + offset;
        state.WriteRelease(position);
        long numberAndTime = FrameLayout.PackNumberAndTime(TailWord.Number(tail) - 1, _time);
        uint checksum = 0;
        if (TChecksum.IsOn)
        {
            checksum = memory.WriteAndChecksumBehindFence(offset + FrameLayout.HeaderBytes, payload,
                Crc32C.Append(_checksumSeed, numberAndTime));
        }
        else
        {
            memory.WriteBehindFence(offset + FrameLayout.HeaderBytes, payload);
        }

        Publish(ref header, FrameLayout.HeaderBytes + payload.Length, numberAndTime, checksum);
        return position;
    }

    /// <summary>Claims space until <see cref="Commit(int)"/> or <see cref="Abort"/>.</summary>
    public override Span<byte> Claim(int maxLength, out long position)
    {
        _queue.RequireFits(maxLength);
        if (_blocks is not null)
        {
            return ClaimBlock(maxLength, out position);
        }

        long stride = StrideOf(maxLength);
        _openClaim = Take(stride, 1);
        _openStride = stride;
        UpdateFastStride();
        long offset = TailWord.Offset(_openClaim);
        position = _basePosition + offset;
        return _memory.Span(offset + FrameLayout.HeaderBytes, maxLength);
    }

    /// <summary>Claims space for several messages. The last bytes are reserved.</summary>
    /// <returns>The position of the first message.</returns>
    public override long Claim(long stride, long reserve, int maxMessages, OpenBatch batch)
    {
        if (_blocks is not null)
        {
            return ClaimBlock(stride, reserve, maxMessages, batch);
        }

        _openClaim = Take(stride, (uint)maxMessages);
        _openStride = stride;
        UpdateFastStride();
        long offset = TailWord.Offset(_openClaim);
        batch.Begin(_segment, offset, stride - reserve, TailWord.Number(_openClaim), _time, maxMessages);
        return _basePosition + offset;
    }

    /// <summary>Publishes a batch whose frames are complete.</summary>
    public override void Commit(OpenBatch batch)
    {
        if (_blocks is not null)
        {
            batch.Publish();
            CommitBlock(batch.NextOffset - BlockLayout.HeaderBytes, (uint)batch.Count);
            return;
        }

        long end = TailWord.Offset(_openClaim) + _openStride;
        if (batch.NextOffset < end)
        {
            _memory.WriteInt64(batch.NextOffset, PadFrame.Word(_segment, end - batch.NextOffset));
        }

        batch.Publish();
        Close();
    }

    public override void Commit(int length)
    {
        if (_blocks is not null)
        {
            CommitBlock(_blocks.Complete(length, FrameLayout.PackNumberAndTime(TailWord.Number(_openClaim), _time)), 1);
            return;
        }

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
        Publish(ref _memory.At<FrameHeader>(offset), FrameLayout.HeaderBytes + length, numberAndTime, checksum);
        Close();
    }

    public override void Abort()
    {
        _memory.WriteInt64Release(TailWord.Offset(_openClaim), PadFrame.Word(_segment, _openStride));
        Close();
    }

    public override void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            UpdateFastStride();
            if (_openStride != 0)
            {
                Abort();
            }

            _memory = default;
            _tail = default;
            _queue.Segments.Release(_segment);
            _blocks?.Dispose();
            _shared.ReleaseSlot(_slot);
        }
    }

    // Computed in 64 bits: a span may have up to int.MaxValue bytes.
    private static long StrideOf(int length) => (length + (FrameLayout.HeaderBytes + 7L)) & ~7L;

    // An abort also unblocks readers, which continue with later messages of other appenders.
    private void Close()
    {
        _openStride = 0;
        UpdateFastStride();
        _waiterSignal.Notify();
    }

    private long Tail()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(QueueAppender));
        return _tail.ReadAcquire();
    }

    private void Enter(Segment segment)
    {
        _segment = segment;
        _memory = segment.Memory;
        _tail = new RegionSharedWord(_memory, SegmentLayout.TailOffset);
        _basePosition = segment.Index * _queue.SegmentBytes;
        _limit = segment.Limit;
        _checksums = segment.HasChecksums;
        _checksumSeed = segment.ChecksumSeed;
        _prepareAt = SegmentSource.PrepareAt(segment);
        _noticeAt = Math.Min(_limit, Math.Min(_prepareAt, SegmentLayout.IndexStrideBytes - 1));

        // From here on, a claim in progress is in this segment, no earlier than its first frame.
        _state.WriteRelease(_basePosition + SegmentLayout.HeaderBytes);

        // The segment is also full if an exclusive appender sealed it and no later segment exists.
        _isFull = TailWord.Offset(Tail()) > _limit || _memory.ReadInt64Acquire(SegmentLayout.SealOffset) != 0;
        SetTime(_clock.CoarseUtcNanos);
    }

    // The space at the tail must be unwritten, unless the tail has moved. If it is written, a crash of the machine lost the tail, and an
    // append would overwrite messages.
    private void RequireFreeTail()
    {
        while (!_isFull)
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
                    $"The header of '{_segment.Path}' gives the end of the log as offset {offset}, where messages are. It is damaged, or "
                    + "from before a power cut. "
                    + "Open an appender in AppenderMode.Exclusive: it finds the end again.", _segment.Path, SegmentLayout.TailOffset);
            }
        }
    }

    private void Notice(long taken, long stride)
    {
        long offset = TailWord.Offset(taken);
        SegmentIndex.Note(_segment, offset, stride, TailWord.Number(taken), _time);
        _queue.DirtyPages?.AdvanceTo(_basePosition + offset);
        if (offset + stride > _prepareAt)
        {
            _prepareAt = long.MaxValue;
            _shared.Supply.Prepare(_segment.Index + 1);
        }

        _noticeAt = Math.Min(_limit, Math.Min(_prepareAt, SegmentIndex.NextBoundary(offset + stride) - 1));
    }
}

/// <summary>Whether frames have checksums, as a compile-time constant: the JIT compiles separate code for each.</summary>
internal interface IChecksumMode
{
    static abstract bool IsOn { get; }
}

/// <summary>Frames have checksums.</summary>
internal readonly struct Checksummed : IChecksumMode
{
    public static bool IsOn => true;
}

/// <summary>Frames have no checksums.</summary>
internal readonly struct Plain : IChecksumMode
{
    public static bool IsOn => false;
}
