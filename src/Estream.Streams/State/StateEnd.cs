using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.State;

/// <summary>
/// The map of a state. The name holds a place in the queue that follows behind: it is moved on only when the map has everything before on
/// the device, so what the queue gives up is in the map, also after a power cut. Nothing is taken from the place by reading.
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

    // A segment goes as a whole, so once a segment is often enough for the device.
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
                $"The queue '{_queue.Directory}' has given up messages, and the newest of their keys are in '{map.Directory}' alone. "
                + "Nothing was cleared.");
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
                $"The map '{map.Directory}' is kept by another stream than '{name}'. Give each a map of its own.", map.Directory);
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

        // After a power cut the words may be ahead of the entries; what stands in the durable one was true before it was stored.
        long durable = map.UserWord(StateKeys.DurableWord);
        if (!map.HostCrashed && TrySeek(tailer, map.UserWord(StateKeys.FoldedWord)))
        {
            return;
        }

        if (TrySeek(tailer, durable))
        {
            // What the queue has lost does not come again.
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
            // Cut from the queue by a power cut.
            return false;
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            return false;
        }
    }

    private EstreamCorruptionException SourceMessagesLost(EstreamQueue queue) => new(
        $"The map '{map.Directory}' does not hold what stream '{name}' has taken from '{queue.Directory}', and the queue has given up its "
        + $"first {queue.GetInfo().FirstSequence} messages. "
        + $"Restore the map from a copy; or, to begin with what is left, remove the name (estream queue remove-tailer) and empty the map.",
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

    // Before the entry is changed. After a kill messages come again whose successors are in the map: the word does not go back.
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
