using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>
/// A description of what becomes of the messages of a queue, one after the other: each method adds an operator and returns the longer
/// description; the last one makes the <see cref="EsfPipeline"/> that does it. Immutable, so descriptions can be shared and continued twice.
/// </summary>
/// <typeparam name="T">The events: views of messages in place, or what an operator makes of them.</typeparam>
/// <remarks>An operator costs a virtual call and a delegate's for each event, some two nanoseconds each, and allocates nothing. Delegates run one at a time, on the thread that runs the pipeline.</remarks>
public sealed class EsfStream<T>
    where T : allows ref struct
{
    private readonly EstreamQueue _queue;
    private readonly Func<Stage<T>, Source> _connect;

    internal EsfStream(EstreamQueue queue, Func<Stage<T>, Source> connect)
    {
        _queue = queue;
        _connect = connect;
    }

    /// <summary>Lets events pass that are meant (filter).</summary>
    /// <param name="predicate">Which ones.</param>
    public EsfStream<T> Where(EventPredicate<T> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new EsfStream<T>(_queue, next => _connect(new WhereStage<T>(predicate, next)));
    }

    /// <summary>Makes something else of each event (transform).</summary>
    /// <param name="selector">What.</param>
    /// <typeparam name="TResult">What becomes of an event.</typeparam>
    public EsfStream<TResult> Select<TResult>(EventSelector<T, TResult> selector)
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new EsfStream<TResult>(_queue, next => _connect(new SelectStage<T, TResult>(selector, next)));
    }

    /// <summary>Keeps the newest value of each key in a map. After a kill at any moment the map is what the events make of it.</summary>
    /// <param name="name">The pipeline's name, by which the queue remembers how far it has come; letters, digits, '-', '_' and '.'.</param>
    /// <param name="map">The map, which is this pipeline's alone to write, its first two user words included. One that is not what the pipeline has made is cleared and made anew from the oldest message the queue keeps.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="value">Its value.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <inheritdoc cref="AppendTo" path="/exception"/>
    public EsfPipeline Materialize<TKey, TValue>(string name, StateMap<TKey, TValue> map, EventSelector<T, TKey> key, EventSelector<T, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var origin = new MapOrigin<TKey, TValue>(map, name);
        return Begin(name, new MapEnd<TKey, TValue>(origin, canBeginLater: true), new PutStage<T, TKey, TValue>(origin, key, value));
    }

    /// <summary>Folds the events of each key into a state in a map (running aggregate). Each event counts exactly once, also across kills.</summary>
    /// <param name="name">As for <see cref="Materialize"/>.</param>
    /// <param name="map">As for <see cref="Materialize"/>. Where the queue has given up messages already, a map that cannot be trusted is refused, since it cannot be made anew.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="fold">Adds an event to the state of its key.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TState">The state of a key; begins as the default.</typeparam>
    /// <exception cref="Core.EstreamCorruptionException">The map is not what the pipeline has made, and the queue does not keep all that it was made of.</exception>
    /// <inheritdoc cref="AppendTo" path="/exception"/>
    public EsfPipeline Aggregate<TKey, TState>(string name, StateMap<TKey, Folded<TState>> map, EventSelector<T, TKey> key, EventFolder<TState, T> fold)
        where TKey : unmanaged
        where TState : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(fold);
        var origin = new MapOrigin<TKey, Folded<TState>>(map, name);
        return Begin(name, new MapEnd<TKey, Folded<TState>>(origin, canBeginLater: false), new FoldStage<T, TKey, TState>(origin, key, fold));
    }

    /// <summary>Appends a message for each event to another queue. After a kill at any moment each is there exactly once: what is appended and how far was read are one batch.</summary>
    /// <param name="name">As for <see cref="Materialize"/>; a name belongs to one output.</param>
    /// <param name="output">The other queue. Others may append to it too.</param>
    /// <param name="maxLength">The most bytes a message may have.</param>
    /// <param name="write">Writes the message of an event.</param>
    /// <param name="sealer">As for <see cref="EsfAppender{TWriter}"/>: for a schema with private fields, this pipeline's alone to use.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The name has other characters, the message would not fit in the output, or the schema has private fields and there is no sealer of it.</exception>
    /// <exception cref="Core.EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="Core.EstreamStorageException">Nothing can be remembered: the disk is full, or the directory may not be written.</exception>
    public EsfPipeline AppendTo<TWriter>(string name, EstreamQueue output, int maxLength, EventWriter<T, TWriter> write, EsfSealer? sealer = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, output.MaxMessageBytes);
        var end = new QueueEnd<T, TWriter>(output, maxLength, write, sealer);
        return Begin(name, end, new AppendStage<T, TWriter>(end));
    }

    private EsfPipeline Begin(string name, PipelineEnd end, Stage<T> last)
    {
        try
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            return new EsfPipeline(_queue, name, _connect(last), end);
        }
        catch
        {
            end.Dispose();
            throw;
        }
    }
}
