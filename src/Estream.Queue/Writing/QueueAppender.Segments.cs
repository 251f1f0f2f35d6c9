using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// The rare part of appending: start, progress within a segment, change of segment, end.
public sealed partial class QueueAppender
{
    // Set from the end-of-segment frame on until the next segment is there: nothing may be written behind that frame.
    private bool _sealed;

    // Set when the time since the segment's start no longer fits in a frame, and in a segment of an older version.
    private bool _mustLeave;

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
        _shared?.Dispose();
        _blocks?.Dispose();
        _supply?.Dispose();
        if (_segment is not null)
        {
            _queue.Segments.Release(_segment);
        }

        _queue.Keeper.Leave();
        _lease.Dispose();
        _queue.Untrack(this);
    }

    internal static QueueAppender Create(EstreamQueue queue, QueueOptions options, AppenderMode mode)
    {
        WriterLease lease = WriterLease.Take(queue.Files, mode, RetentionLimits.Of(options));
        SegmentSupply? supply = null;
        try
        {
            queue.RequireAppendable();
            if (mode == AppenderMode.Shared)
            {
                var shared = new QueueAppender(queue, options, lease, new SharedAppender(queue, options));
                queue.Keeper.Enter();
                return shared;
            }

            supply = new SegmentSupply(queue, options);
            (Segment segment, LogEnd end) = TailScanner.OpenEnd(queue, options, supply);
            var appender = new QueueAppender(queue, options, lease, supply, segment)
            {
                _offset = end.Offset,
                _numberAndTime = FrameLayout.PackNumberAndTime(end.Number, end.Time),
                _sealed = end.IsSealed,
                _mustLeave = segment.Version < SegmentLayout.Version,
            };
            appender.UpdateQuickEnd();

            // Whom a killed appender did not wake any more.
            appender._wakeUp.Notify();
            queue.Keeper.Enter();
            return appender;
        }
        catch
        {
            supply?.Dispose();
            lease.Dispose();
            throw;
        }
    }

    // Not asked for in the shared mode, where MakeRoom is never reached.
    private SegmentSupply Supply => _supply ?? throw new InvalidOperationException("A shared appender has another supply.");

    private AppendClaim ClaimShared(int maxLength)
    {
        _queue.RequireFits(maxLength);
        Span<byte> span = _shared!.Claim(maxLength, out long position);
        _claimOpen = true;
        return new AppendClaim(this, span, position, ++_claimTicket);
    }

    // Finds out why the quick path ended, and makes room.
    private long MakeRoom(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_claimOpen)
        {
            throw new InvalidOperationException("A claim of this appender is open. Commit or dispose it first.");
        }

        _queue.RequireFits(length);
        long stride = FrameLayout.Stride(FrameLayout.HeaderBytes + length) + _overhead;
        bool fits = _offset + stride <= _queue.SegmentBytes - FrameLayout.HeaderBytes;
        if (!fits || _sealed || _mustLeave || HasOldKey)
        {
            ChangeSegment();
        }

        _blocks?.Enter(Current);
        Supply.Progress(_offset + length);
        _queue.Behind?.Passed(_basePosition + _offset);
        SegmentIndex.Note(Current, _offset, stride, (uint)_numberAndTime, (uint)(_numberAndTime >>> 32));
        UpdateQuickEnd(_offset + stride);
        return _offset;
    }

    private void UpdateQuickEnd() => UpdateQuickEnd(_offset);

    // The next place from an offset on where something else is due: preparing a segment, or a note in the index.
    private void UpdateQuickEnd(long offset)
    {
        // Frame header, alignment and the end-of-segment frame are taken off here, once, so that the quick path compares bare payload.
        _quickEnd = _disposed || _sealed || _mustLeave || _claimOpen || _shared is not null || _blocks is not null
            ? 0
            : Math.Min(Supply.NextProgress(offset), SegmentIndex.NextBoundary(offset)) - (2 * FrameLayout.HeaderBytes) - 7;
    }

    private void ChangeSegment()
    {
        Segment full = Current;
        long now = Math.Max(_clock.UtcNanos, full.BaseTime + ((_numberAndTime >>> 32) * FrameLayout.TimeUnitNanos));

        // The spare comes before the end-of-segment frame: if there is none to be had (disk full), the log stays as it is. From that frame
        // on the segment is sealed, also when the next one cannot be published now: a later try goes on there.
        using IDisposable? keyed = _queue.BeginSegment(out SegmentKey key);
        MemoryRegion spare = Supply.Take();
        if (!_sealed)
        {
            SegmentSeal.Write(full, _offset, (uint)_numberAndTime);
            _sealed = true;
            _quickEnd = 0;
        }

        Segment next = Supply.Publish(spare, new SegmentHeader(
            _queue.Files.QueueId, _queue.SegmentBytes, full.Index + 1, NextSequence, now, _checksum, ClaimKind.Exclusive, key));
        _queue.Segments.Release(full);
        _segment = next;
        _memory = next.Memory;
        _checksums = next.HasChecksums;
        _checksumSeed = next.ChecksumSeed;
        _basePosition = next.Index * _queue.SegmentBytes;
        _offset = SegmentLayout.HeaderBytes;
        _numberAndTime = 0;
        _lastNow = 0;
        _sealed = false;
        _mustLeave = false;
    }

    // Time never goes back within a log. A frame has room for 4.9 days since the segment's start; then the segment is left. Once in a
    // millisecond: kept out of the quick path, of which the compiler puts only so much into a caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AdvanceTime(long now)
    {
        _lastNow = now;
        if (_shared is not null)
        {
            _shared.SetTime(now);
            return;
        }

        long units = (now - Current.BaseTime) / FrameLayout.TimeUnitNanos;
        if (units > uint.MaxValue)
        {
            _mustLeave = true;
            _quickEnd = 0;
            return;
        }

        _numberAndTime = FrameLayout.PackNumberAndTime((uint)_numberAndTime, (uint)Math.Max(units, _numberAndTime >>> 32));
    }
}
