using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>The results of an operator with a state, which have to go somewhere: a queue or a map. Immutable, but one pipeline at a time
/// uses its state.</summary>
/// <typeparam name="TResult">A result.</typeparam>
/// <remarks>
/// Each result is made once, through kills at any moment: what the operator holds, its place in its queue and the number of results change
/// in one step of its map, behind the results. Results that a killed process had made already are made again of the same events, and found
/// to be there.
/// Therefore delegates must depend on nothing but their arguments.
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

    /// <summary>Appends a message for each result to a queue, in the order in which they become due.</summary>
    /// <param name="output">The queue, which is this pipeline's alone to append to from its first message on; their number says how many
    /// results it has. To go on from there, read it with another pipeline.</param>
    /// <param name="maxLength">The most bytes a message may have.</param>
    /// <param name="write">Writes the message of a result; the same result gives the same bytes. Where none can be written it may leave the
    /// result out, by setting the writer to <see langword="default"/>: that is counted (<see cref="EsfPipeline.LeftOut"/>).</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The name has other characters, the message would not fit in the output, or the map of the state
    /// is in another form.</exception>
    /// <exception cref="Core.EstreamLeaseException">The name or the output is in use.</exception>
    /// <exception cref="Core.EstreamCorruptionException">State and results do not belong together, and the queue does not keep all that
    /// they were made of.</exception>
    /// <exception cref="Core.EstreamStorageException">Nothing can be remembered: the disk is full, or the directory may not be
    /// written.</exception>
    public EsfPipeline AppendTo<TWriter>(EstreamQueue output, int maxLength, EventWriter<TResult, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        OutputQueue.RequireComparable<TWriter>(output, maxLength);
        return Begin(
            new CountedOutput<TResult>(output, new WrittenMessage<TResult, TWriter>(maxLength, write, space: null, mayLeaveOut: true)));
    }

    /// <summary>The same with messages that somebody makes of results.</summary>
    /// <param name="output">The queue.</param>
    /// <param name="maker">Makes them. A result that it cannot make is left out.</param>
    /// <param name="leftOut">Where it is told of those; null where they are counted only.</param>
    internal EsfPipeline AppendTo(EstreamQueue output, MessageMaker<TResult> maker, Output<FailedResult>? leftOut = null) =>
        Begin(new CountedOutput<TResult>(output, maker) { LeftOut = leftOut });

    /// <summary>Keeps the newest result of each key in a map. For a moment after a kill an earlier one may be there again.</summary>
    /// <param name="map">The map, which is this pipeline's alone to write, its first two user words included. One that is not what the
    /// pipeline has made is cleared.</param>
    /// <param name="key">The key of a result: such as that of the window, or with its beginning.</param>
    /// <param name="value">What is kept of it.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
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

    /// <summary>The same with entries that somebody makes of results.</summary>
    /// <param name="map">The map.</param>
    /// <param name="entries">Makes them. A result that it cannot make is left out.</param>
    /// <param name="leftOut">Where it is told of those; null where they are counted only.</param>
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
