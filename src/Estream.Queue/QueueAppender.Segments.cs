using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// The rare part of appending: start, progress within a segment, change of segment, end.
public sealed partial class QueueAppender
{
    // Set from the end-of-segment frame on until the next segment is there: nothing may be written behind that frame.
    private bool _sealed;

    // Set when the time since the segment's start no longer fits in a frame.
    private bool _timeIsUp;

    /// <summary>Stops appending and gives the right back. An open claim is aborted; everything committed stays. Idempotent.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _claimOpen = false;
        _quickEnd = 0;
        _memory = default;
        _supply.Dispose();
        _queue.Segments.Release(_segment);
        _lease.Dispose();
        _queue.Untrack(this);
    }

    internal static QueueAppender Create(EstreamQueue queue, QueueOptions options)
    {
        WriterLease lease = WriterLease.Take(queue.Files);
        SegmentSupply? supply = null;
        try
        {
            supply = new SegmentSupply(queue, options);
            (Segment segment, LogEnd end) = LogRecovery.OpenEnd(queue, options, supply);
            var appender = new QueueAppender(queue, options, lease, supply, segment)
            {
                _offset = end.Offset,
                _numberAndTime = FrameLayout.PackNumberAndTime(end.Number, end.Time),
                _sealed = end.IsSealed,
            };
            appender.UpdateQuickEnd();
            return appender;
        }
        catch
        {
            supply?.Dispose();
            lease.Dispose();
            throw;
        }
    }

    // Finds out why the quick path ended, and makes room.
    private long MakeRoom(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_claimOpen)
        {
            throw new InvalidOperationException("A claim of this appender is open. Commit or dispose it first.");
        }

        if ((uint)length > (uint)_queue.MaxMessageBytes)
        {
            throw new ArgumentException(
                $"A message of {length} bytes does not fit: queue '{_queue.Directory}' takes 0 to {_queue.MaxMessageBytes} bytes. "
                + "Split it, or create the queue with larger SegmentBytes.", nameof(length));
        }

        bool fits = _offset + FrameLayout.Stride(FrameLayout.HeaderBytes + length) <= _queue.SegmentBytes - FrameLayout.HeaderBytes;
        if (!fits || _sealed || _timeIsUp)
        {
            ChangeSegment();
        }

        _supply.Progress(_offset + length);
        UpdateQuickEnd();
        return _offset;
    }

    private void UpdateQuickEnd()
    {
        // Frame header, alignment and the end-of-segment frame are taken off here, once, so that the quick path compares bare payload.
        _quickEnd = _disposed || _sealed || _timeIsUp || _claimOpen
            ? 0
            : _supply.NextProgress(_offset) - (2 * FrameLayout.HeaderBytes) - 7;
    }

    private void ChangeSegment()
    {
        long now = Math.Max(_clock.UtcNanos, _segment.BaseTime + ((_numberAndTime >>> 32) * FrameLayout.TimeUnitNanos));

        // The spare comes before the end-of-segment frame: if there is none to be had (disk full), the log stays as it is. From that frame
        // on the segment is sealed, also when the next one cannot be published now: a later try goes on there.
        MemoryRegion spare = _supply.Take();
        if (!_sealed)
        {
            SealSegment();
            _sealed = true;
            _quickEnd = 0;
        }

        Segment next = _supply.Publish(spare, new SegmentHeader(_queue.Files.QueueId, _segment.Index + 1, NextSequence, now, _checksum));
        _queue.Segments.Release(_segment);
        _segment = next;
        _memory = next.Region.All;
        _checksums = next.HasChecksums;
        _checksumSeed = next.ChecksumSeed;
        BasePosition = next.Index * _queue.SegmentBytes;
        _offset = SegmentLayout.HeaderBytes;
        _numberAndTime = 0;
        _lastNow = 0;
        _sealed = false;
        _timeIsUp = false;
    }

    private void SealSegment()
    {
        _memory.WriteInt64(_offset + FrameLayout.NumberOffset, FrameLayout.PackNumberAndTime(FrameLayout.EndOfSegmentKind, 0));
        uint checksum = _segment.HasChecksums ? Crc32C.Append(_checksumSeed, _memory.ReadOnlySpan(_offset + FrameLayout.NumberOffset, 8)) : 0;
        _memory.WriteInt64Release(_offset, FrameLayout.PackLengthAndChecksum(FrameLayout.HeaderBytes | FrameLayout.ControlFlag, checksum));
    }

    // Time never goes back within a log. A frame has room for 4.9 days since the segment's start; then the segment is left.
    private void AdvanceTime(long now)
    {
        _lastNow = now;
        long units = (now - _segment.BaseTime) / FrameLayout.TimeUnitNanos;
        if (units > uint.MaxValue)
        {
            _timeIsUp = true;
            _quickEnd = 0;
            return;
        }

        _numberAndTime = FrameLayout.PackNumberAndTime((uint)_numberAndTime, (uint)Math.Max(units, _numberAndTime >>> 32));
    }
}
