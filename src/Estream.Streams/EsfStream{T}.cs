using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// A description of what becomes of the messages of a queue, one after the other: each method adds an operator and returns the longer
/// description; the last one makes the <see cref="EsfPipeline"/> that does it. Immutable, so descriptions can be shared and continued
/// twice.
/// </summary>
/// <typeparam name="T">The events: views of messages in place, or what an operator makes of them.</typeparam>
/// <remarks>An operator costs a virtual call and a delegate's for each event, some two nanoseconds each, and allocates nothing. Delegates
/// run one at a time, on the thread that runs the pipeline.</remarks>
public sealed class EsfStream<T>
    where T : allows ref struct
{
    private readonly EstreamQueue _queue;
    private readonly Func<Stage<T>, Source> _connect;
    private readonly bool _isRepeatable;

    /// <param name="queue">The queue.</param>
    /// <param name="connect">Sets up what is before a stage.</param>
    /// <param name="isRepeatable">Whether the same messages give the same events whenever they are read.</param>
    internal EsfStream(EstreamQueue queue, Func<Stage<T>, Source> connect, bool isRepeatable = true)
    {
        _queue = queue;
        _connect = connect;
        _isRepeatable = isRepeatable;
    }

    /// <summary>Lets events pass that are meant (filter).</summary>
    /// <param name="predicate">Which ones.</param>
    public EsfStream<T> Where(EventPredicate<T> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Then<T>(next => new WhereStage<T>(predicate, next));
    }

    /// <summary>Makes something else of each event (transform).</summary>
    /// <param name="selector">What.</param>
    /// <typeparam name="TResult">What becomes of an event.</typeparam>
    public EsfStream<TResult> Select<TResult>(EventSelector<T, TResult> selector)
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(selector);
        return Then<TResult>(next => new SelectStage<T, TResult>(selector, next));
    }

    /// <summary>Puts events in windows by their own time, in which they are aggregated or throttled.</summary>
    /// <param name="windows">What windows: <see cref="Windows.Tumbling"/> or <see cref="Windows.Sliding"/>.</param>
    /// <param name="eventTime">The time of an event, in nanoseconds since 1970 UTC, from the event itself: after a kill it is read
    /// again.</param>
    /// <param name="watermark">How far events may be out of order.</param>
    /// <exception cref="InvalidOperationException">A map was looked at before, which need not say the same a second time.</exception>
    public EsfWindows<T> Window(TimeWindows windows, EventSelector<T, long> eventTime, Watermark watermark)
    {
        ArgumentNullException.ThrowIfNull(eventTime);
        ArgumentOutOfRangeException.ThrowIfZero(windows.SizeNanos, nameof(windows));
        RequireRepeatable();
        return new EsfWindows<T>(this, windows, new WindowPlan<T>(eventTime, watermark.DelayNanos));
    }

    /// <summary>Puts events in sessions by their own time, in which they are aggregated.</summary>
    /// <param name="windows">What sessions: <see cref="Windows.Session"/>.</param>
    /// <param name="eventTime">As for time windows.</param>
    /// <param name="watermark">As for time windows.</param>
    /// <inheritdoc cref="Window(TimeWindows, EventSelector{T, long}, Watermark)" path="/exception"/>
    public EsfSessions<T> Window(SessionWindows windows, EventSelector<T, long> eventTime, Watermark watermark)
    {
        ArgumentNullException.ThrowIfNull(eventTime);
        ArgumentOutOfRangeException.ThrowIfZero(windows.GapNanos, nameof(windows));
        RequireRepeatable();
        return new EsfSessions<T>(this, windows, new WindowPlan<T>(eventTime, watermark.DelayNanos));
    }

    /// <summary>Holds a value of each event against a threshold, key by key: one result where it is raised, and one where it is
    /// cleared.</summary>
    /// <param name="threshold">The threshold: <see cref="Streams.Threshold.Above"/> or <see cref="Streams.Threshold.Below"/>.</param>
    /// <param name="value">The value of an event; <see cref="double.NaN"/> where it has none.</param>
    /// <exception cref="InvalidOperationException">A map was looked at before, which need not say the same a second time.</exception>
    public EsfThreshold<T> Threshold(Threshold threshold, EventSelector<T, double> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        RequireRepeatable();
        return new EsfThreshold<T>(this, threshold, value);
    }

    /// <summary>Adds to each event what a map has for it at that moment (a lookup join, inner); events the map has nothing for are left
    /// out.</summary>
    /// <param name="map">The map; others may write it meanwhile. It is looked at once for each event, and again for those that were not
    /// permanent when a process was killed.</param>
    /// <param name="key">What to look up.</param>
    /// <param name="join">What becomes of an event and the value.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <typeparam name="TResult">What becomes of them.</typeparam>
    public EsfStream<TResult> Join<TKey, TValue, TResult>(StateMap<TKey, TValue> map, EventSelector<T, TKey> key,
        EventJoiner<T, TValue, TResult> join)
        where TKey : unmanaged
        where TValue : unmanaged
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(map);
        return Lookup(map.TryGet, key, join);
    }

    /// <inheritdoc cref="Join{TKey, TValue, TResult}(StateMap{TKey, TValue}, EventSelector{T, TKey}, EventJoiner{T, TValue, TResult})"/>
    public EsfStream<TResult> Join<TKey, TValue, TResult>(VersionedMap<TKey, TValue> map, EventSelector<T, TKey> key,
        EventJoiner<T, TValue, TResult> join)
        where TKey : unmanaged
        where TValue : unmanaged
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(map);
        return Lookup(map.TryGet, key, join);
    }

    /// <summary>Adds to each event what a map has for it at that moment, if it has something (a lookup join, left outer).</summary>
    /// <param name="map">As for the inner join.</param>
    /// <param name="key">What to look up.</param>
    /// <param name="join">What becomes of an event and the value, or the default and false.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <typeparam name="TResult">What becomes of them.</typeparam>
    public EsfStream<TResult> LeftJoin<TKey, TValue, TResult>(StateMap<TKey, TValue> map, EventSelector<T, TKey> key,
        EventLeftJoiner<T, TValue, TResult> join)
        where TKey : unmanaged
        where TValue : unmanaged
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(map);
        return LeftLookup(map.TryGet, key, join);
    }

    /// <inheritdoc cref="LeftJoin{TKey, TValue, TResult}(StateMap{TKey, TValue}, EventSelector{T, TKey},
    /// EventLeftJoiner{T, TValue, TResult})"/>
    public EsfStream<TResult> LeftJoin<TKey, TValue, TResult>(VersionedMap<TKey, TValue> map, EventSelector<T, TKey> key,
        EventLeftJoiner<T, TValue, TResult> join)
        where TKey : unmanaged
        where TValue : unmanaged
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(map);
        return LeftLookup(map.TryGet, key, join);
    }

    /// <summary>Keeps the newest value of each key in a map. After a kill at any moment the map is what the events make of it.</summary>
    /// <param name="name">The pipeline's name, by which the queue remembers how far it has come; letters, digits, '-', '_' and '.'.</param>
    /// <param name="map">The map, which is this pipeline's alone to write, its first two user words included. One that is not what the
    /// pipeline has made is cleared and made anew from the oldest message the queue keeps.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="value">Its value.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <inheritdoc cref="AppendTo" path="/exception"/>
    public EsfPipeline Materialize<TKey, TValue>(string name, StateMap<TKey, TValue> map, EventSelector<T, TKey> key,
        EventSelector<T, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var origin = new MapOrigin<TKey, TValue>(map, name);
        return Begin(name, new MapEnd<TKey, TValue>(origin, canBeginLater: true), new PutStage<T, TKey, TValue>(origin, key, value));
    }

    /// <summary>Folds the events of each key into a state in a map (running aggregate). Each event counts exactly once, also across
    /// kills.</summary>
    /// <param name="name">As for <see cref="Materialize"/>.</param>
    /// <param name="map">As for <see cref="Materialize"/>. Where the queue has given up messages already, a map that cannot be trusted is
    /// refused, since it cannot be made anew.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="fold">Adds an event to the state of its key.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TState">The state of a key; begins as the default.</typeparam>
    /// <exception cref="Core.EstreamCorruptionException">The map is not what the pipeline has made, and the queue does not keep all that it
    /// was made of.</exception>
    /// <inheritdoc cref="AppendTo" path="/exception"/>
    public EsfPipeline Aggregate<TKey, TState>(string name, StateMap<TKey, Folded<TState>> map, EventSelector<T, TKey> key,
        EventFolder<TState, T> fold)
        where TKey : unmanaged
        where TState : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(fold);
        var origin = new MapOrigin<TKey, Folded<TState>>(map, name);
        return Begin(name, new MapEnd<TKey, Folded<TState>>(origin, canBeginLater: false),
            new FoldStage<T, TKey, TState>(origin, key, fold));
    }

    /// <summary>Appends a message for each event to another queue. After a kill at any moment each is there exactly once: what is appended
    /// and how far was read are one batch.</summary>
    /// <param name="name">As for <see cref="Materialize"/>; a name belongs to one output.</param>
    /// <param name="output">The other queue. Others may append to it too.</param>
    /// <param name="maxLength">The most bytes a message may have.</param>
    /// <param name="write">Writes the message of an event.</param>
    /// <param name="sealer">As for <see cref="EsfAppender{TWriter}"/>: for a schema with private fields, this pipeline's alone to
    /// use.</param>
    /// <param name="subLexes">The queues that the sub-lexes of the schema are kept in, by their names. A message's values are in them at
    /// least once, the message itself exactly once.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The name has other characters, the message would not fit in the output, the schema has private
    /// fields and there is no sealer of it, or a sub-lex of it has no queue.</exception>
    /// <exception cref="Core.EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="Core.EstreamStorageException">Nothing can be remembered: the disk is full, or the directory may not be
    /// written.</exception>
    public EsfPipeline AppendTo<TWriter>(
        string name, EstreamQueue output, int maxLength, EventWriter<T, TWriter> write, EsfSealer? sealer = null,
        IReadOnlyDictionary<string, EstreamQueue>? subLexes = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        OutputQueue.Require(output, maxLength);
        return AppendTo(name,
            new QueueEnd<T>(output, TWriter.Schema, sealer, subLexes, space => new WrittenMessage<T, TWriter>(maxLength, write, space)));
    }

    /// <summary>Appends the messages that somebody makes of events to a queue that fits.</summary>
    internal EsfPipeline AppendTo(string name, QueueEnd<T> end) => Begin(name, end, new AppendStage<T>(end));

    /// <summary>Sets up a pipeline whose results are what its operators say of events aside, and not what becomes of them.</summary>
    internal EsfPipeline BeginSideOutput(string name, PipelineEnd end, Stage<T> last) => Begin(name, end, last);

    /// <summary>Continues with an operator.</summary>
    /// <param name="stage">The operator, before another one.</param>
    /// <param name="isRepeatable">Whether it makes the same of the same event, whenever it is read.</param>
    internal EsfStream<TResult> Then<TResult>(Func<Stage<TResult>, Stage<T>> stage, bool isRepeatable = true)
        where TResult : allows ref struct => new(_queue, next => _connect(stage(next)), isRepeatable && _isRepeatable);

    /// <summary>Sets up a pipeline whose operator has a state.</summary>
    internal EsfPipeline BeginKeyed<TKey, TCell, TOut>(string name, KeyedCore<TKey, TCell, TOut> core, WindowPlan<T> plan,
        Func<Output<T>?, Stage<T>> last)
        where TKey : unmanaged
        where TCell : unmanaged
    {
        var end = new KeyedEnd(core);
        try
        {
            Output<T>? late = plan.Late?.Invoke();
            if (late is not null)
            {
                core.AddOutput(late, ProgressKey.LateWritten);
            }

            return Begin(name, end, last(late));
        }
        catch
        {
            end.Dispose();
            throw;
        }
    }

    /// <summary>What was made before a kill is made again behind it, and must come out the same.</summary>
    internal void RequireRepeatable()
    {
        if (!_isRepeatable)
        {
            throw new InvalidOperationException(
                "A map was looked at before this operator, and after a kill it may say something else of the same event. Append what the "
                + "lookup makes to a queue, and begin another pipeline there; or look up behind the windows.");
        }
    }

    /// <summary>The source of this stream, which gives its events to a stage.</summary>
    internal Source Connect(Stage<T> next) => _connect(next);

    internal EstreamQueue Queue => _queue;

    private EsfStream<TResult> Lookup<TKey, TValue, TResult>(MapReader<TKey, TValue> map, EventSelector<T, TKey> key,
        EventJoiner<T, TValue, TResult> join)
        where TKey : unmanaged
        where TValue : unmanaged
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(join);
        return new EsfStream<TResult>(_queue, next => _connect(new LookupStage<T, TKey, TValue, TResult>(map, key, join, next)),
            isRepeatable: false);
    }

    private EsfStream<TResult> LeftLookup<TKey, TValue, TResult>(MapReader<TKey, TValue> map, EventSelector<T, TKey> key,
        EventLeftJoiner<T, TValue, TResult> join)
        where TKey : unmanaged
        where TValue : unmanaged
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(join);
        return new EsfStream<TResult>(_queue, next => _connect(new LeftLookupStage<T, TKey, TValue, TResult>(map, key, join, next)),
            isRepeatable: false);
    }

    private EsfPipeline Begin(string name, PipelineEnd end, Stage<T> last)
    {
        try
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            return new EsfPipeline(name, new SingleRun(_queue, name, _connect(last), end));
        }
        catch
        {
            end.Dispose();
            throw;
        }
    }
}

/// <summary>The state of a key in a map that a pipeline folds events into.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="Position">The position of the last event that is in the state; with it a pipeline knows after a kill whether it has been
/// counted.</param>
/// <param name="State">The state.</param>
public readonly record struct Folded<TState>(long Position, TState State)
    where TState : unmanaged;
