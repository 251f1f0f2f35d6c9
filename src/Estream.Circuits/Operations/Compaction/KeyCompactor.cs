using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Operations.Compaction;

/// <summary>
/// Keeps the newest message of each key of a queue and reclaims whole segments: the messages of the oldest segment that are still the
/// newest of their key are appended again, then the segment is deleted. One thread; other writers may append meanwhile.
/// </summary>
/// <remarks>
/// A copy is appended only while no newer message of its key precedes it: the compactor first claims the space, then reads everything
/// before the claim, then decides what to write. The copies are durable before the segment is deleted. After a crash in between, the queue
/// has a message twice, and the first is replaced by the second.
/// </remarks>
internal sealed class KeyCompactor : IDisposable
{
    // Compaction starts when at least half of the sealed segments is garbage: the log then has at most twice the size of its content, and
    // each byte is copied about once while as many bytes are appended.
    private const int GarbageShare = 2;

    private const int BatchMessages = 256;
    private const int BatchBytes = 1 << 18;
    private const int BatchesInSegment = 8;

    // Readers wait for the claim, so it is given up early if another writer does not commit.
    private static readonly TimeSpan s_longestClaim = TimeSpan.FromMilliseconds(100);

    private readonly EstreamQueue _queue;
    private readonly CompactionRule _rule;
    private readonly IClock _clock;
    private readonly NewestMessages _newest;
    private readonly AppenderMode _mode;
    private readonly QueueTailer _tailer;
    private readonly int _batchBytes;
    private readonly List<(Utf8Key64 Key, long Position, int Start, int Length)> _batch = [];
    private byte[] _bytes = [];
    private int _length;

    public KeyCompactor(EstreamQueue queue, CompactionRule rule, AppenderMode mode, IClock clock)
    {
        if (queue.HasKeys)
        {
            throw new ArgumentException(
                $"Queue '{queue.Directory}' is encrypted and cannot be compacted by key. Compact it by retention.", nameof(queue));
        }

        (_queue, _rule, _clock, _mode) = (queue, rule, clock, mode);
        _batchBytes = (int)Math.Min(BatchBytes, queue.SegmentBytes / BatchesInSegment);
        _newest = new NewestMessages(queue, rule);
        try
        {
            _tailer = queue.CreateTailer();
        }
        catch
        {
            _newest.Dispose();
            throw;
        }
    }

    /// <summary>Called before each step that a crash may interrupt; for tests.</summary>
    internal Action<string>? Stepping { get; set; }

    /// <summary>Compacts the queue until less than half of its sealed segments is garbage.</summary>
    /// <returns>The segments that were deleted, and those that could not be deleted because a reader needs them.</returns>
    /// <exception cref="EstreamException">A message has no key, or the storage failed. No newest message is lost.</exception>
    public RetentionResult Run()
    {
        _newest.Read();
        RetentionResult result = new(0, 0, OldestSegment() * _queue.SegmentBytes, 0);
        long end = _queue.GetInfo().EndPosition / _queue.SegmentBytes;

        // An appender pins the segment of its last append, so it is opened for each run, at the end of the log.
        QueueAppender? appender = null;
        try
        {
            for (long segment = OldestSegment(); segment < end && IsWorthwhile(segment, end); segment++)
            {
                if (!TryCopy(segment, ref appender))
                {
                    break;
                }

                Stepping?.Invoke("reclaim");
                RetentionResult step = _queue.ReclaimBefore((segment + 1) * _queue.SegmentBytes);
                result = new RetentionResult(result.Segments + step.Segments, result.Bytes + step.Bytes, step.FirstPosition,
                    step.SegmentsBeyond);
                if (step.Segments == 0)
                {
                    break;
                }
            }
        }
        finally
        {
            appender?.Dispose();
        }

        return result;
    }

    public void Dispose()
    {
        _tailer.Dispose();
        _newest.Dispose();
    }

    private bool IsWorthwhile(long segment, long end) =>
        _newest.LiveBytesBefore(end) * GarbageShare <= (end - segment) * _queue.SegmentBytes;

    private long OldestSegment() => _queue.GetInfo().FirstPosition / _queue.SegmentBytes;

    // Appends the newest messages of a segment again. Returns false if another writer prevented it.
    private bool TryCopy(long segment, ref QueueAppender? appender)
    {
        long end = (segment + 1) * _queue.SegmentBytes;
        long expired = _clock.UtcNanos - (_rule.DeleteRetention.Ticks * TimeSpan.NanosecondsPerTick);
        (_length, bool isCopied) = (0, true);
        _batch.Clear();
        _tailer.SeekToStart();
        while (isCopied && _tailer.TryPeek(out QueueMessage message) && message.Position < end)
        {
            if (_rule.TryGetKey(message.Payload, out Utf8Key64 key) && _newest.IsNewest(in key, message.Position))
            {
                if (_newest.IsDeletedBefore(in key, expired))
                {
                    _newest.Forget(in key);
                }
                else
                {
                    isCopied = HasRoom(message.Payload.Length) || TryAppend(ref appender);
                    Keep(key, message);
                }
            }

            _ = _tailer.TryRead(out _);
        }

        // The tailer pins the segment that it reads.
        _tailer.SeekToEnd();
        return isCopied && TryAppend(ref appender);
    }

    private bool HasRoom(int length) => _batch.Count < BatchMessages && _length + length <= Math.Max(_batchBytes, length);

    private void Keep(Utf8Key64 key, in QueueMessage message)
    {
        int length = message.Payload.Length;
        if (_bytes.Length < _length + length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + length, 2 * _bytes.Length));
        }

        message.Payload.CopyTo(_bytes.AsSpan(_length));
        _batch.Add((key, message.Position, _length, length));
        _length += length;
    }

    private bool TryAppend(ref QueueAppender? appender)
    {
        if (_batch.Count == 0)
        {
            return true;
        }

        try
        {
            Stepping?.Invoke("claim");
            appender ??= _queue.CreateAppender(_mode);
            if (!(_batch.Count == 1 ? TryAppendOne(appender) : TryAppendBatch(appender)))
            {
                return false;
            }
        }
        finally
        {
            _batch.Clear();
            _length = 0;
        }

        _newest.Read();
        return true;
    }

    private bool TryAppendBatch(QueueAppender appender)
    {
        using BatchClaim batch = appender.ClaimBatch(_length, _batch.Count);
        if (!HasReadBefore(batch.Position))
        {
            return false;
        }

        foreach ((Utf8Key64 key, long position, int start, int length) in _batch)
        {
            if (_newest.IsNewest(in key, position))
            {
                batch.Append(_bytes.AsSpan(start, length));
            }
        }

        Stepping?.Invoke("commit");
        batch.Commit(Durability.Every);
        return true;
    }

    // An exclusive appender has no writer beside it: what others appended before it was opened is committed.
    private bool HasReadBefore(long position)
    {
        if (_mode == AppenderMode.Shared)
        {
            return _newest.TryReadTo(position, s_longestClaim);
        }

        _newest.Read();
        return true;
    }

    // The longest message of a queue has no room in a batch, which needs some bytes more.
    private bool TryAppendOne(QueueAppender appender)
    {
        (Utf8Key64 key, long position, _, int length) = _batch[0];
        using AppendClaim claim = appender.Claim(length);
        if (!HasReadBefore(claim.Position))
        {
            return false;
        }

        if (_newest.IsNewest(in key, position))
        {
            _bytes.AsSpan(0, length).CopyTo(claim.Span);
            Stepping?.Invoke("commit");
            claim.Commit(length, Durability.Every);
        }

        return true;
    }
}
