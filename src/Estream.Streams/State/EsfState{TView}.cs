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
/// A queue whose messages describe state: only the newest message of each key matters. <see cref="Compact"/> keeps the newest message of
/// each key in a map, after which the queue may reclaim older messages. <see cref="CreateReader"/> returns a reader that reads the map and
/// then the messages that follow it in the queue.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>Immutable and thread-safe. The caller still disposes queue and map, after the objects that use them.</remarks>
public sealed class EsfState<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private readonly EstreamQueue _queue;
    private readonly EventSelector<TView, ReadOnlySpan<byte>> _key;

    /// <summary>Describes the stream.</summary>
    /// <param name="queue">The queue. Any process may append to it, with an <see cref="EsfAppender{TWriter}"/>.</param>
    /// <param name="key">Returns the key of a message: bytes within the message, at most <see cref="EsfState.MaxKeyBytes"/>. All readers of
    /// the stream must use the same key.</param>
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
    /// Returns a pipeline that keeps the newest message of each key in a map, and resumes where it stopped. The queue may reclaim, under
    /// its own limits (<see cref="QueueOptions.RetainedBytes"/>, <see cref="QueueOptions.RetainedAge"/>), only messages that are durable in
    /// the map.
    /// </summary>
    /// <param name="name">The name under which the queue retains messages that are not in the map yet; letters, digits, '-', '_' and '.'.
    /// One map per name.</param>
    /// <param name="map">The map, file-backed and open for writing; it belongs entirely to the stream, including its first four user
    /// words.</param>
    /// <exception cref="ArgumentException">The name has other characters, or the map is in memory.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">The map belongs to another stream; or it was lost, and the queue has reclaimed messages
    /// that only the map contained.</exception>
    /// <exception cref="EstreamStorageException">The position cannot be stored: the disk is full, or the directory is not
    /// writable.</exception>
    public EsfPipeline Compact(string name, ByteMap map)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(map);
        if (map.Directory is null || map.IsReadOnly)
        {
            throw new ArgumentException(
                "The map must be file-backed and open for writing: it has the only copy of what the queue reclaims. Use ByteMap.Open.",
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

    /// <summary>Creates a reader that starts with the contents of the map and continues with the messages that follow it in the
    /// queue.</summary>
    /// <param name="map">The map that <see cref="Compact"/> maintains, in this process or, opened with <see cref="ByteMap.OpenReadOnly"/>,
    /// in another.</param>
    /// <exception cref="EstreamStorageException">At every attempt, the queue had already reclaimed the messages that follow the map: the
    /// map belongs to another stream, or no pipeline maintains it.</exception>
    public EsfStateReader<TView> CreateReader(ByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new EsfStateReader<TView>(_queue, map, _key);
    }
}
