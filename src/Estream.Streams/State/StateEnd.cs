using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.State;

/// <summary>
/// Maintains the map of a state stream. A named tailer keeps the queue from reclaiming messages. It moves to a position only after the map
/// has flushed all messages before that position, so every reclaimed message is in the map, even after a power failure. The named tailer
/// only seeks and never reads.
/// </summary>
internal sealed class StateEnd(string name, ByteMap map) : PipelineEnd
{
    private readonly long _origin = BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes("state " + name))) | 1;
    private EstreamQueue? _queue;
    private QueueTailer? _kept;
    private long _last = -1;
    private long _newest;
    private bool _isMarked;
    private ResultCount _results;

    public override ResultCount Results => _results;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name)
    {
        _queue = queue;
        bool hasBegun = queue.GetInfo().Tailers.Any(tailer => tailer.Name == name);
        _kept = queue.CreateTailer(name);
        QueueTailer tailer = queue.CreateTailer();
        try
        {
            Resume(queue, tailer, hasBegun);
            _newest = map.UserWord(StateKeys.NewestWord);
            return tailer;
        }
        catch
        {
            tailer.Dispose();
            throw;
        }
    }

    public void Put(ReadOnlySpan<byte> key, in QueueMessage message)
    {
        Mark(message.Position);
        map.Put(key, message.Payload);
        _results = _results.And(1, key.Length + message.Payload.Length);
    }

    public void Remove(ReadOnlySpan<byte> key, in QueueMessage message)
    {
        Mark(message.Position);
        map.Remove(key);
    }

    // Retention reclaims whole segments, so one flush per segment is enough.
    public override void Commit(QueueTailer tailer)
    {
        long position = tailer.Position;
        map.SetUserWord(StateKeys.FoldedWord, position);
        if (_last >= 0 && position / _queue!.SegmentBytes != _kept!.Position / _queue.SegmentBytes)
        {
            _queue.WaitDurable(_last);
            map.Flush();
            map.SetUserWord(StateKeys.DurableWord, position);
            map.Flush();
            _kept.Seek(position);
        }
    }

    public override void StartOver(QueueTailer tailer)
    {
        if (_queue!.GetInfo().FirstSequence > 0)
        {
            throw new NotSupportedException(
                $"The queue '{_queue.Directory}' has reclaimed messages, and only '{map.Directory}' still has the newest "
                + "messages of some keys. Nothing was cleared.");
        }

        Forget(tailer);
    }

    public override void Dispose()
    {
        _kept?.Dispose();
        base.Dispose();
    }

    private void Resume(EstreamQueue queue, QueueTailer tailer, bool hasBegun)
    {
        long origin = map.UserWord(StateKeys.OriginWord);
        if (origin != 0 && origin != _origin)
        {
            throw new EstreamCorruptionException(
                $"The map '{map.Directory}' belongs to another stream than '{name}'. Use a separate map for each stream.", map.Directory);
        }

        if (origin == 0)
        {
            if (hasBegun && queue.GetInfo().FirstSequence > 0)
            {
                throw SourceMessagesLost(queue);
            }

            Forget(tailer);
            return;
        }

        // After a power failure the words may be ahead of the entries. Only DurableWord never is: it is stored after the entries before its
        // position are flushed.
        long durable = map.UserWord(StateKeys.DurableWord);
        if (!map.HostCrashed && TrySeek(tailer, map.UserWord(StateKeys.FoldedWord)))
        {
            return;
        }

        if (TrySeek(tailer, durable))
        {
            // The queue may have lost its last messages, which are not read again, so NewestWord must not be beyond the end of the queue.
            map.SetUserWord(StateKeys.NewestWord, Math.Min(map.UserWord(StateKeys.NewestWord), queue.GetInfo().EndPosition - 1));
            return;
        }

        if (queue.GetInfo().FirstSequence > 0)
        {
            throw SourceMessagesLost(queue);
        }

        Forget(tailer);
    }

    private static bool TrySeek(QueueTailer tailer, long position)
    {
        try
        {
            if (position == 0)
            {
                return false;
            }

            tailer.Seek(position);
            return true;
        }
        catch (ArgumentException)
        {
            // A power failure truncated the queue before this position.
            return false;
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            return false;
        }
    }

    private EstreamCorruptionException SourceMessagesLost(EstreamQueue queue) => new(
        $"The map '{map.Directory}' does not contain what stream '{name}' has read from '{queue.Directory}', and the queue reclaimed its "
        + $"first {queue.GetInfo().FirstSequence} messages. "
        + $"Restore the map from a copy; or, to start with what is left, remove the name (estream queue remove-tailer) and empty the map.",
            map.Directory);

    private void Forget(QueueTailer tailer)
    {
        map.SetUserWord(StateKeys.OriginWord, 0);
        map.Clear();
        map.SetUserWord(StateKeys.FoldedWord, 0);
        map.SetUserWord(StateKeys.NewestWord, 0);
        map.SetUserWord(StateKeys.DurableWord, 0);
        (_isMarked, _newest, _last) = (false, 0, -1);
        tailer.SeekToStart();
        _kept!.SeekToStart();
    }

    // Called before the entry is changed. After a crash, messages are read again although later messages are already in the map, so
    // NewestWord never decreases.
    private void Mark(long position)
    {
        if (!_isMarked)
        {
            map.SetUserWord(StateKeys.OriginWord, _origin);
            _isMarked = true;
        }

        _last = position;
        if (position > _newest)
        {
            _newest = position;
            map.SetUserWord(StateKeys.NewestWord, position);
        }
    }
}
