using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>The results of a stateful operator; write them to a queue or a map. Immutable, but only one pipeline at a time may use its
/// state.</summary>
/// <typeparam name="TResult">A result.</typeparam>
/// <remarks>
/// Each result is produced exactly once, even across crashes at any moment: the operator's state, its queue position and the number of
/// results change in one step of its map, after the results are written. Results that a crashed process had already written are computed
/// again from the same events and recognised as present. Delegates must therefore depend on nothing but their arguments.
/// </remarks>
public sealed class EsfResults<TResult>
    where TResult : unmanaged
{
    private readonly string _name;
    private readonly Func<Output<TResult>, EsfPipeline> _begin;

    internal EsfResults(string name, Func<Output<TResult>, EsfPipeline> begin)
    {
        _name = name;
        _begin = begin;
    }

    /// <summary>Appends a message for each result to a queue, in the order in which results become due.</summary>
    /// <param name="output">The queue, to which only this pipeline may append from its first message on; the number of its messages is the
    /// number of results. To process the results further, read the queue with another pipeline.</param>
    /// <param name="maxLength">The maximum length of a message in bytes.</param>
    /// <param name="write">Writes the message of a result; the same result must yield the same bytes. If no message can be written, it may
    /// skip the result by setting the writer to <see langword="default"/>; skipped results are counted
    /// (<see cref="EsfPipeline.LeftOut"/>).</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The name has other characters, the message would not fit in the output, or the map of the state
    /// has another layout.</exception>
    /// <exception cref="Core.EstreamLeaseException">The name or the output is in use.</exception>
    /// <exception cref="Core.EstreamCorruptionException">State and results do not belong together, and the queue no longer retains all
    /// messages needed to rebuild them.</exception>
    /// <exception cref="Core.EstreamStorageException">The position cannot be stored: the disk is full, or the directory is not
    /// writable.</exception>
    public EsfPipeline AppendTo<TWriter>(EstreamQueue output, int maxLength, EventWriter<TResult, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        OutputQueue.RequireComparable<TWriter>(output, maxLength);
        return Begin(
            new CountedOutput<TResult>(output, new WrittenMessage<TResult, TWriter>(maxLength, write, space: null, mayLeaveOut: true)));
    }

    /// <summary>Appends the messages that a message maker creates from results.</summary>
    /// <param name="output">The queue.</param>
    /// <param name="maker">Creates the messages. A result for which it cannot create one is skipped.</param>
    /// <param name="leftOut">Receives the skipped results; null to only count them.</param>
    internal EsfPipeline AppendTo(EstreamQueue output, MessageMaker<TResult> maker, Output<FailedResult>? leftOut = null) =>
        Begin(new CountedOutput<TResult>(output, maker) { LeftOut = leftOut });

    /// <summary>Keeps the newest result of each key in a map. Briefly after a crash, an earlier result may reappear.</summary>
    /// <param name="map">The map, which only this pipeline may write, including its first two user words. A map that the pipeline did not
    /// create is cleared.</param>
    /// <param name="key">Returns the map key of a result, such as the window's key, or the window's key and start.</param>
    /// <param name="value">Returns the map value of a result.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">The map's values.</typeparam>
    /// <inheritdoc cref="AppendTo" path="/exception"/>
    public EsfPipeline Materialize<TKey, TValue>(StateMap<TKey, TValue> map, EventSelector<TResult, TKey> key,
        EventSelector<TResult, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return Materialize(map, new SelectedEntry<TResult, TKey, TValue>(key, value), leftOut: null);
    }

    /// <summary>Keeps the newest entry that an entry maker creates from results in a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="entries">Creates the entries. A result for which it cannot create one is skipped.</param>
    /// <param name="leftOut">Receives the skipped results; null to only count them.</param>
    internal EsfPipeline Materialize<TKey, TValue>(StateMap<TKey, TValue> map, EntryMaker<TResult, TKey, TValue> entries,
        Output<FailedResult>? leftOut)
        where TKey : unmanaged
        where TValue : unmanaged =>
        Begin(new MapOutput<TResult, TKey, TValue>(new MapOrigin<TKey, TValue>(map, _name), entries) { LeftOut = leftOut });

    private EsfPipeline Begin(Output<TResult> output)
    {
        try
        {
            return _begin(output);
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }
}
