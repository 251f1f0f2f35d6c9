using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

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
        _supply = new SegmentSupply(queue);
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

    public override long NextPosition => _appender.TailBase + _appender.TailOffset;

    public override long NextSequence => _segment.FirstSequence + _appender.TailNumber;

    /// <summary>Opens the end of the log for one writer. Recovers the end that a crashed writer left, or creates the first
    /// segment.</summary>
    public static ExclusiveAppender Open(QueueAppender appender, EstreamQueue queue, QueueOptions options) =>
        queue.Keys is null ? new ExclusiveAppender(appender, queue, options) : new Encrypted(appender, queue, options);

    public override void SetTime(long now)
    {
        // Time never goes back within a log. A frame has room for 4.9 days since the segment's start; then the segment is left.
        QueueAppender tail = _appender;
        long units = (now - _segment.BaseTime) / FrameLayout.TimeUnitNanos;
        if (units > uint.MaxValue)
        {
            _mustLeave = true;
            tail.FastEnd = 0;
            return;
        }

        tail.NumberAndTime = FrameLayout.PackNumberAndTime(tail.TailNumber, (uint)Math.Max(units, tail.TailTime));
    }

    /// <summary>Ends the current segment before the next message.</summary>
    public void LeaveSegment()
    {
        _mustLeave = true;
        _appender.FastEnd = 0;
    }

    public override long Append(ReadOnlySpan<byte> payload)
    {
        _ = MakeRoom(payload.Length);
        return _appender.WriteAtTail(payload);
    }

    public override Span<byte> Claim(int maxLength, out long position)
    {
        long offset = MakeRoom(maxLength);
        position = _appender.TailBase + offset;
        return _appender.TailMemory.Span(offset + FrameLayout.HeaderBytes, maxLength);
    }

    public override long Claim(long stride, long reserve, int maxMessages, OpenBatch batch)
    {
        long offset = MakeRoom((int)stride - FrameLayout.HeaderBytes);
        QueueAppender tail = _appender;
        batch.Begin(_segment, offset, stride - reserve, tail.TailNumber, tail.TailTime, maxMessages);
        return tail.TailBase + offset;
    }

    public override void Commit(int length)
    {
        QueueAppender tail = _appender;
        UpdateFastEnd(tail.TailOffset);
        RegionSpan memory = tail.TailMemory;
        uint checksum = tail.HasChecksums
            ? Crc32C.Append(Crc32C.Append(tail.ChecksumSeed, tail.NumberAndTime),
                memory.ReadOnlySpan(tail.TailOffset + FrameLayout.HeaderBytes, length))
            : 0;
        _appender.PublishAtTail(memory, tail.TailOffset, length, checksum);
        _waiterSignal.Notify();
    }

    public override void Commit(OpenBatch batch)
    {
        QueueAppender tail = _appender;
        tail.TailMemory.WriteInt64(batch.NextOffset, 0);
        tail.TailOffset = batch.NextOffset;
        tail.NumberAndTime += batch.Count;
        batch.Publish();
        _waiterSignal.Notify();
        UpdateFastEnd(tail.TailOffset);
    }

    public override void Abort() => UpdateFastEnd(_appender.TailOffset);

    public override void Dispose()
    {
        _disposed = true;
        _appender.FastEnd = 0;
        _appender.TailMemory = default;
        _supply.Dispose();
        _queue.Segments.Release(_segment);
    }

    // The encrypted mode overrides these four members. A block has its own header, which the fast path cannot write.
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
        QueueAppender tail = _appender;
        long stride = FrameLayout.Stride(FrameLayout.HeaderBytes + length) + Overhead;
        if (tail.TailOffset + stride > _segment.Limit || _sealed || _mustLeave || HasOldKey)
        {
            // The first segments of a queue may be too small for a large message.
            do
            {
                ChangeSegment();
            }
            while (tail.TailOffset + stride > _segment.Limit);
        }

        UseSegmentKey();
        _supply.Progress(_segment, tail.TailOffset + length);
        _queue.DirtyPages?.AdvanceTo(tail.TailBase + tail.TailOffset);
        SegmentIndex.Note(_segment, tail.TailOffset, stride, tail.TailNumber, tail.TailTime);
        UpdateFastEnd(tail.TailOffset + stride);
        return tail.TailOffset;
    }

    // The fast path ends at the next offset at which a segment has to be prepared or the index needs an entry. Frame header, alignment and
    // the end-of-segment frame are subtracted here, so that the fast path compares bare payload.
    private void UpdateFastEnd(long offset) =>
        _appender.FastEnd = _sealed || _mustLeave || !HasFastPath
            ? 0
            : Math.Min(SegmentSupply.NextProgress(_segment, offset), SegmentIndex.NextBoundary(offset)) - (2 * FrameLayout.HeaderBytes) - 7;

    private void ChangeSegment()
    {
        Segment full = _segment;
        QueueAppender tail = _appender;
        long now = Math.Max(_clock.UtcNanos, full.BaseTime + (tail.TailTime * FrameLayout.TimeUnitNanos));

        // The spare comes before the end-of-segment frame: without a spare (disk full) the log stays unchanged. The frame seals the
        // segment, even if the next segment cannot be published now. A later attempt then publishes it.
        using IDisposable? keyed = _queue.BeginSegment(out SegmentKey key);
        MemoryRegion spare = _supply.Take(full.Index + 1);
        if (!_sealed)
        {
            SegmentSeal.Write(full, tail.TailOffset, tail.TailNumber);
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
        QueueAppender tail = _appender;
        tail.TailMemory = _segment.Memory;
        tail.HasChecksums = _segment.HasChecksums;
        tail.ChecksumSeed = _segment.ChecksumSeed;
        tail.TailBase = _segment.Index * _queue.SegmentBytes;
        tail.TailOffset = offset;
        tail.NumberAndTime = numberAndTime;
    }
}
