using System.Runtime.InteropServices;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>
/// The end of a pipeline that writes signals to a map. While messages wait, a step buffers the newest value of each key, and puts the
/// values when it commits. The map stores the position up to which values were put, and a mark that values are buffered. After a
/// crash, the pipeline resumes at this position, because the named tailer has already passed the buffered messages.
/// </summary>
internal sealed class SignalEnd : PipelineEnd
{
    private const int MaxKeys = 4_096;
    private const int FirstKeys = 64;

    private readonly MapOrigin<Utf8Key64, LatestEntry> _origin;
    private readonly MapEnd<Utf8Key64, LatestEntry> _rebuild;
    private readonly Dictionary<Utf8Key64, int> _indices = new(FirstKeys);
    private readonly List<(Utf8Key64 Key, LatestEntry Entry)> _newest = new(FirstKeys);

    public SignalEnd(StateMap<Utf8Key64, LatestEntry> map, string pipeline)
    {
        _origin = new MapOrigin<Utf8Key64, LatestEntry>(map, pipeline);
        _rebuild = new MapEnd<Utf8Key64, LatestEntry>(_origin, canBeginLater: true);
    }

    public override ResultCount Results => _origin.Results;

    public override long BufferBytes => _newest.Capacity * (long)RawValue.SizeOf<LatestEntry>();

    public override bool IsHolding => _newest.Count > 0;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name)
    {
        // Rebuilds a map that this pipeline did not write. Otherwise resumes at the position up to which values were put.
        QueueTailer tailer = _rebuild.OpenTailer(queue, name);
        _origin.IsBuffered = true;
        return tailer;
    }

    /// <summary>Buffers the value of a key, in place of an earlier buffered value of the key.</summary>
    public void Put(in Utf8Key64 key, in LatestEntry entry)
    {
        ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indices, key, out bool isBuffered);
        if (isBuffered)
        {
            CollectionsMarshal.AsSpan(_newest)[index].Entry = entry;
            return;
        }

        index = _newest.Count;
        _newest.Add((key, entry));
        IsFull = _newest.Count >= MaxKeys;
    }

    public override void Commit(QueueTailer tailer)
    {
        foreach (ref readonly (Utf8Key64 Key, LatestEntry Entry) one in CollectionsMarshal.AsSpan(_newest))
        {
            // After a crash, a key may already have a later value.
            if (!_origin.Map.TryGet(in one.Key, out LatestEntry present) || present.Position <= one.Entry.Position)
            {
                _origin.Put(in one.Key, in one.Entry);
            }
        }

        // Commits the tailer first, because a map that is ahead of its tailer would be rebuilt.
        tailer.Commit();
        _origin.Mark(tailer.Position);
        Forget();
    }

    public override void StartOver(QueueTailer tailer)
    {
        Forget();
        _rebuild.StartOver(tailer);
    }

    private void Forget()
    {
        _indices.Clear();
        _newest.Clear();
        IsFull = false;
    }
}

/// <summary>Buffers values until the end commits them.</summary>
internal sealed class SignalStage<T>(SignalEnd end, EventSelector<T, Utf8Key64> key, EventSelector<T, LatestEntry> value) : Stage<T>
    where T : allows ref struct
{
    public override void Push(scoped in T item, scoped in QueueMessage message)
    {
        Utf8Key64 itsKey = key(in item);
        LatestEntry itsValue = value(in item);
        end.Put(in itsKey, in itsValue);
    }
}
