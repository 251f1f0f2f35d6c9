using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;
using Estream.Streams.State;

namespace Estream.Streams;

/// <summary>
/// A queue whose messages say how things are: the newest message of each key counts. <see cref="Compact"/> keeps the newest of each in a
/// map, and from then on the queue may give up what is older; <see cref="CreateReader"/> gives a new reader the map and what came since, as
/// one.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>Immutable; any thread may use it. Queue and map stay the caller's to dispose, after what was made of them.</remarks>
public sealed class EsfState<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly EstreamQueue _queue;
    private readonly EventSelector<TView, ReadOnlySpan<byte>> _key;

    /// <summary>Describes the stream.</summary>
    /// <param name="queue">The queue. Anybody appends to it, with an <see cref="EsfAppender{TWriter}"/>.</param>
    /// <param name="key">The key of a message: bytes that lie in it, at most <see cref="EsfState.MaxKeyBytes"/>. The same for all who read
    /// the stream.</param>
    /// <exception cref="InvalidOperationException">The schema declares another pattern.</exception>
    public EsfState(EstreamQueue queue, EventSelector<TView, ReadOnlySpan<byte>> key)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(key);
        SchemaDeclarations.Require(TView.Schema, StreamPattern.State);
        _queue = queue;
        _key = key;
    }

    /// <summary>
    /// Keeps the newest message of each key in a map, from where it was; run what is returned. What the map has, with the device's word for
    /// it, the queue may give up under its own limits (<see cref="QueueOptions.RetainedBytes"/>, <see cref="QueueOptions.RetainedAge"/>),
    /// and no more than that.
    /// </summary>
    /// <param name="name">The name by which the queue keeps what the map has not; letters, digits, '-', '_' and '.'. One map for each
    /// name.</param>
    /// <param name="map">The map, in files and open for writing; all of it belongs to the stream, the first four user words
    /// included.</param>
    /// <exception cref="ArgumentException">The name has other characters, or the map is in memory.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">The map is another stream's, or not there any more while the queue has given up what
    /// was in it.</exception>
    /// <exception cref="EstreamStorageException">Nothing can be remembered: the disk is full, or the directory may not be
    /// written.</exception>
    public EsfPipeline Compact(string name, ByteMap map)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(map);
        if (map.Directory is null || map.IsReadOnly)
        {
            throw new ArgumentException(
                "The state is kept in a map in files that is open for writing: what the queue gives up is nowhere else. Use ByteMap.Open.",
                nameof(map));
        }

        var end = new StateEnd(name, map);
        try
        {
            return new EsfPipeline(name, new SingleRun(_queue, name, new StateSource<TView>(_key, end), end));
        }
        catch
        {
            end.Dispose();
            throw;
        }
    }

    /// <summary>Creates a reader that begins with what the map has and goes on with the messages since.</summary>
    /// <param name="map">The map that <see cref="Compact"/> keeps, in this process or, by <see cref="ByteMap.OpenReadOnly"/>, in
    /// another.</param>
    /// <exception cref="EstreamStorageException">The queue gives up what follows on the map each time it is looked for: somebody else keeps
    /// the map, or nobody.</exception>
    public EsfStateReader<TView> CreateReader(ByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new EsfStateReader<TView>(_queue, map, _key);
    }
}
