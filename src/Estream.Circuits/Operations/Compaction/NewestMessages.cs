using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Operations.Compaction;

/// <summary>The newest message of each key of a queue, and the bytes of these messages in each segment. In memory; built by reading the
/// queue once, then updated by reading what was appended since. One thread.</summary>
internal sealed class NewestMessages : IDisposable
{
    /// <summary>The maximum number of keys, each of which takes about 200 bytes.</summary>
    public const long MaxKeys = 1 << 24;

    // What a message takes in addition to its bytes, rounded up.
    private const int FrameBytes = 24;

    private readonly EstreamQueue _queue;
    private readonly CompactionRule _rule;
    private readonly QueueTailer _tailer;
    private readonly StateMap<Utf8Key64, Newest> _newest = StateMap.CreateInMemory<Utf8Key64, Newest>();
    private readonly SortedDictionary<long, long> _liveBytes = [];

    public NewestMessages(EstreamQueue queue, CompactionRule rule)
    {
        (_queue, _rule) = (queue, rule);
        _tailer = queue.CreateTailer();
    }

    /// <summary>Reads the messages that are in the queue now, and does not follow writers that append meanwhile.</summary>
    /// <exception cref="EstreamFormatException">A message has no key, so nothing can replace it.</exception>
    public void Read() => Read(_queue.GetInfo().EndPosition);

    private void Read(long end)
    {
        while (_tailer.TryPeek(out QueueMessage message) && message.Position < end)
        {
            if (!_rule.TryGetKey(message.Payload, out Utf8Key64 key))
            {
                throw new EstreamFormatException(
                    $"The message at position {message.Position} of queue '{_queue.Directory}' is not a {_rule.Schema} with the key "
                    + $"'{_rule.Key.Text}', so the queue cannot be compacted by that key. Append only such messages, or compact the queue "
                    + "by retention.", _queue.Directory);
            }

            Add(key, message);
            _ = _tailer.TryRead(out _);
        }
    }

    /// <summary>Reads up to a position that this process has claimed.</summary>
    /// <returns>False if another writer has not committed an earlier message in time.</returns>
    public bool TryReadTo(long position, TimeSpan limit)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        long until = SystemClock.Instance.MonotonicNanos + (limit.Ticks * TimeSpan.NanosecondsPerTick);
        while (true)
        {
            Read(position);
            if (_tailer.Position >= position)
            {
                return true;
            }

            if (SystemClock.Instance.MonotonicNanos >= until)
            {
                return false;
            }

            idle.Idle(0);
        }
    }

    /// <summary>Whether a message is the newest of its key.</summary>
    public bool IsNewest(in Utf8Key64 key, long position) => _newest.TryGet(in key, out Newest newest) && newest.Position == position;

    /// <summary>Whether a key was deleted at least so long ago.</summary>
    public bool IsDeletedBefore(in Utf8Key64 key, long time) =>
        _newest.TryGet(in key, out Newest newest) && newest.DeletedAt != 0 && newest.DeletedAt <= time;

    /// <summary>Forgets a deleted key.</summary>
    public void Forget(in Utf8Key64 key)
    {
        if (_newest.TryGet(in key, out Newest newest))
        {
            Count(in newest, -1);
            _ = _newest.Remove(in key);
        }
    }

    /// <summary>Returns the bytes of the newest messages in the segments before one.</summary>
    public long LiveBytesBefore(long segment)
    {
        long bytes = 0;
        foreach ((long index, long live) in _liveBytes)
        {
            if (index >= segment)
            {
                break;
            }

            bytes += live;
        }

        return bytes;
    }

    public void Dispose()
    {
        _tailer.Dispose();
        _newest.Dispose();
    }

    private void Add(Utf8Key64 key, in QueueMessage message)
    {
        bool isThere = _newest.TryGet(in key, out Newest before);
        if (isThere)
        {
            Count(in before, -1);
        }
        else if (_newest.Count == MaxKeys)
        {
            throw new EstreamFormatException($"Queue '{_queue.Directory}' has more than {MaxKeys} keys, the maximum for compaction by key. "
                + "Delete keys, or compact the queue by retention.", _queue.Directory);
        }

        // A tombstone that was copied keeps the time of the first one: otherwise each copy would extend its retention.
        long deletedAt = !_rule.IsDeleted(message.Payload) ? 0 : isThere && before.DeletedAt != 0 ? before.DeletedAt : message.Time;
        Newest newest = new() { Position = message.Position, Bytes = message.Payload.Length + FrameBytes, DeletedAt = deletedAt };
        _newest.Put(in key, in newest);
        Count(in newest, 1);
    }

    private void Count(in Newest newest, int sign)
    {
        long segment = newest.Position / _queue.SegmentBytes;
        long bytes = _liveBytes.GetValueOrDefault(segment) + (sign * newest.Bytes);
        if (bytes == 0)
        {
            _ = _liveBytes.Remove(segment);
        }
        else
        {
            _liveBytes[segment] = bytes;
        }
    }

    private struct Newest
    {
        public long Position;
        public long Bytes;

        /// <summary>The time of the tombstone; 0 if the message is none.</summary>
        public long DeletedAt;
    }
}
