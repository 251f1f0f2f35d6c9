using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The end of the log as its only writer knows it: what the fast path of <see cref="QueueAppender"/> reads and writes. A field of the
/// appender, so that the fast path follows no reference.
/// </summary>
internal struct ExclusiveTail
{
    public RegionSpan Memory;
    public long BasePosition;
    public long Offset;

    // The fast path ends here, a little before the next offset at which the slow path has work. It is 0 while a claim is open, when the
    // segment has to be left, after disposal, and always in shared or encrypted mode: one compare covers all these cases.
    public long FastEnd;

    // Number of the next message in the low half and time in the high half, as a frame stores them. A segment holds fewer than 2^26
    // messages.
    public long NumberAndTime;
    public uint ChecksumSeed;
    public bool HasChecksums;

    public readonly uint Number => (uint)NumberAndTime;

    public readonly uint Time => (uint)(NumberAndTime >>> 32);
}

/// <summary>The exclusive writer of a queue: reserves space, changes segments, and commits claims at the tail of its appender.</summary>
internal partial class ExclusiveAppender : AppendStrategy
{
    private readonly QueueAppender _appender;
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly FrameChecksum _checksum;
    private readonly SegmentSupply _supply;
    private readonly WaiterSignal _waiterSignal;
    private Segment _segment;

    // Set from the end-of-segment frame on until the next segment exists: nothing may be written after that frame.
    private bool _sealed;

    // Set when the time since the segment's start no longer fits in a frame, and in a segment of an older version.
    private bool _mustLeave;
    private bool _disposed;

    private ExclusiveAppender(QueueAppender appender, EstreamQueue queue, QueueOptions options)
    {
        _appender = appender;
        _queue = queue;
        _clock = options.Clock;
        _checksum = options.Checksum;
        _supply = new SegmentSupply(queue, options);
        try
        {
            (_segment, LogEnd end) = TailScanner.OpenEnd(queue, options, _supply);
            EnterSegment(end.Offset, FrameLayout.PackNumberAndTime(end.Number, end.Time));
            _sealed = end.IsSealed;
            _mustLeave = _segment.Version < SegmentLayout.Version;
            UpdateFastEnd(end.Offset);

            // Wakes readers that a killed appender never woke.
            _waiterSignal = queue.WaiterSignal;
            _waiterSignal.Notify();
        }
        catch
        {
            _supply.Dispose();
            throw;
        }
    }

    public override long NextPosition => Tail.BasePosition + Tail.Offset;

    public override long NextSequence => _segment.FirstSequence + Tail.Number;

    private ref ExclusiveTail Tail => ref _appender.Tail;

    /// <summary>Opens the end of the log for one writer. Recovers what a crashed writer left, or creates the first segment.</summary>
    public static ExclusiveAppender Open(QueueAppender appender, EstreamQueue queue, QueueOptions options) =>
        queue.Keys is null ? new ExclusiveAppender(appender, queue, options) : new Encrypted(appender, queue, options);

    public override void SetTime(long now)
    {
        // Time never goes back within a log. A frame has room for 4.9 days since the segment's start; then the segment is left.
        ref ExclusiveTail tail = ref Tail;
        long units = (now - _segment.BaseTime) / FrameLayout.TimeUnitNanos;
        if (units > uint.MaxValue)
        {
            _mustLeave = true;
            tail.FastEnd = 0;
            return;
        }

        tail.NumberAndTime = FrameLayout.PackNumberAndTime(tail.Number, (uint)Math.Max(units, tail.Time));
    }

    public override long Append(ReadOnlySpan<byte> payload)
    {
        _ = MakeRoom(payload.Length);
        return _appender.WriteAtTail(payload);
    }

    public override Span<byte> Claim(int maxLength, out long position)
    {
        long offset = MakeRoom(maxLength);
        position = Tail.BasePosition + offset;
        return Tail.Memory.Span(offset + FrameLayout.HeaderBytes, maxLength);
    }

    public override long Claim(long stride, long reserve, int maxMessages, OpenBatch batch)
    {
        long offset = MakeRoom((int)stride - FrameLayout.HeaderBytes);
        ref ExclusiveTail tail = ref Tail;
        batch.Begin(_segment, offset, stride - reserve, tail.Number, tail.Time, maxMessages);
        return tail.BasePosition + offset;
    }

    public override void Commit(int length)
    {
        ref ExclusiveTail tail = ref Tail;
        UpdateFastEnd(tail.Offset);
        RegionSpan memory = tail.Memory;
        uint checksum = tail.HasChecksums
            ? Crc32C.Append(Crc32C.Append(tail.ChecksumSeed, tail.NumberAndTime),
                memory.ReadOnlySpan(tail.Offset + FrameLayout.HeaderBytes, length))
            : 0;
        _appender.PublishAtTail(memory, tail.Offset, length, checksum);
        _waiterSignal.Notify();
    }

    public override void Commit(OpenBatch batch)
    {
        ref ExclusiveTail tail = ref Tail;
        tail.Memory.WriteInt64(batch.NextOffset, 0);
        tail.Offset = batch.NextOffset;
        tail.NumberAndTime += batch.Count;
        batch.Publish();
        _waiterSignal.Notify();
        UpdateFastEnd(tail.Offset);
    }

    public override void Abort() => UpdateFastEnd(Tail.Offset);

    public override void Dispose()
    {
        _disposed = true;
        Tail.FastEnd = 0;
        Tail.Memory = default;
        _supply.Dispose();
        _queue.Segments.Release(_segment);
    }

    // The encrypted mode overrides these four. A block has its own header, which the fast path cannot write.
    private protected virtual int Overhead => 0;

    private protected virtual bool HasFastPath => true;

    private protected virtual bool HasOldKey => false;

    private protected virtual void UseSegmentKey()
    {
    }

    // Does the work that is due where the fast path ends, and reserves space for a message.
    private protected long MakeRoom(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, _appender);
        if (_appender.IsClaimOpen)
        {
            throw new InvalidOperationException("A claim of this appender is open. Commit or dispose it first.");
        }

        _queue.RequireFits(length);
        ref ExclusiveTail tail = ref Tail;
        long stride = FrameLayout.Stride(FrameLayout.HeaderBytes + length) + Overhead;
        bool fits = tail.Offset + stride <= _queue.SegmentBytes - FrameLayout.HeaderBytes;
        if (!fits || _sealed || _mustLeave || HasOldKey)
        {
            ChangeSegment();
        }

        UseSegmentKey();
        _supply.Progress(tail.Offset + length);
        _queue.DirtyPages?.AdvanceTo(tail.BasePosition + tail.Offset);
        SegmentIndex.Note(_segment, tail.Offset, stride, tail.Number, tail.Time);
        UpdateFastEnd(tail.Offset + stride);
        return tail.Offset;
    }

    // The fast path ends at the next offset at which a segment has to be prepared or the index needs an entry. Frame header, alignment and
    // the end-of-segment frame are subtracted here, so that the fast path compares bare payload.
    private void UpdateFastEnd(long offset) =>
        Tail.FastEnd = _sealed || _mustLeave || !HasFastPath
            ? 0
            : Math.Min(_supply.NextProgress(offset), SegmentIndex.NextBoundary(offset)) - (2 * FrameLayout.HeaderBytes) - 7;

    private void ChangeSegment()
    {
        Segment full = _segment;
        ref ExclusiveTail tail = ref Tail;
        long now = Math.Max(_clock.UtcNanos, full.BaseTime + (tail.Time * FrameLayout.TimeUnitNanos));

        // The spare comes before the end-of-segment frame: without a spare (disk full) the log stays unchanged. From that frame on the
        // segment is sealed, also when the next segment cannot be published now: a later attempt continues there.
        using IDisposable? keyed = _queue.BeginSegment(out SegmentKey key);
        MemoryRegion spare = _supply.Take();
        if (!_sealed)
        {
            SegmentSeal.Write(full, tail.Offset, tail.Number);
            _sealed = true;
            tail.FastEnd = 0;
        }

        Segment next = _supply.Publish(spare, new SegmentHeader(
            _queue.Files.QueueId, _queue.SegmentBytes, full.Index + 1, NextSequence, now, _checksum, ClaimKind.Exclusive, key));
        _queue.Segments.Release(full);
        _segment = next;
        EnterSegment(SegmentLayout.HeaderBytes, numberAndTime: 0);
        _appender.ForgetTime();
        _sealed = false;
        _mustLeave = false;
    }

    private void EnterSegment(long offset, long numberAndTime)
    {
        ref ExclusiveTail tail = ref Tail;
        tail.Memory = _segment.Memory;
        tail.HasChecksums = _segment.HasChecksums;
        tail.ChecksumSeed = _segment.ChecksumSeed;
        tail.BasePosition = _segment.Index * _queue.SegmentBytes;
        tail.Offset = offset;
        tail.NumberAndTime = numberAndTime;
    }
}
