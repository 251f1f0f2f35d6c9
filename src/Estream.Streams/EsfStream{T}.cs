using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// Describes how the messages of a queue are processed: each method adds an operator and returns the longer description; the last method
/// returns the <see cref="EsfPipeline"/> that runs it. Immutable, so a description can be shared and continued more than once.
/// </summary>
/// <typeparam name="T">The events: views of messages in place, or results of an operator.</typeparam>
/// <remarks>An operator costs one virtual call and one delegate call per event, about two nanoseconds each, and allocates nothing.
/// Delegates run one at a time, on the thread that runs the pipeline.</remarks>
public sealed class EsfStream<T>
    where T : allows ref struct
{
    private readonly EstreamQueue _queue;
    private readonly Func<Stage<T>, Source> _connect;
    private readonly bool _isRepeatable;

    /// <param name="queue">The queue.</param>
    /// <param name="connect">Creates the source and the stages in front of a given stage.</param>
    /// <param name="isRepeatable">True if the same messages yield the same events whenever they are read.</param>
    internal EsfStream(EstreamQueue queue, Func<Stage<T>, Source> connect, bool isRepeatable = true)
    {
        _queue = queue;
        _connect = connect;
        _isRepeatable = isRepeatable;
    }

    /// <summary>Keeps the events that match a predicate (filter).</summary>
    /// <param name="predicate">Returns true for events to keep.</param>
    public EsfStream<T> Where(EventPredicate<T> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Then<T>(next => new WhereStage<T>(predicate, next));
    }

    /// <summary>Transforms each event (map).</summary>
    /// <param name="selector">Returns the result for an event.</param>
    /// <typeparam name="TResult">The result for an event.</typeparam>
    public EsfStream<TResult> Select<TResult>(EventSelector<T, TResult> selector)
        where TResult : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(selector);
        return Then<TResult>(next => new SelectStage<T, TResult>(selector, next));
    }

    /// <summary>Assigns events to windows by event time, to be aggregated or throttled.</summary>
    /// <param name="windows">The kind of windows: <see cref="Windows.Tumbling"/> or <see cref="Windows.Sliding"/>.</param>
    /// <param name="eventTime">Returns the time of an event in nanoseconds since 1970 UTC. Take it from the event itself: after a crash the
    /// event is read again.</param>
    /// <param name="watermark">How far events may be out of order.</param>
    /// <exception cref="InvalidOperationException">The stream includes a map lookup, which may return another value when
    /// it is repeated.</exception>
    public EsfWindows<T> Window(TimeWindows windows, EventSelector<T, long> eventTime, Watermark watermark)
    {
        ArgumentNullException.ThrowIfNull(eventTime);
        ArgumentOutOfRangeException.ThrowIfZero(windows.SizeNanos, nameof(windows));
        RequireRepeatable();
        return new EsfWindows<T>(this, windows, new WindowPlan<T>(eventTime, watermark.DelayNanos));
    }

    /// <summary>Assigns events to sessions by event time, to be aggregated.</summary>
    /// <param name="windows">The kind of sessions: <see cref="Windows.Session"/>.</param>
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

    /// <summary>Compares a value of each event with a threshold, per key: yields one result when the key is raised and one when it is
    /// cleared.</summary>
    /// <param name="threshold">The threshold: <see cref="Streams.Threshold.Above"/> or <see cref="Streams.Threshold.Below"/>.</param>
    /// <param name="value">Returns the value of an event; <see cref="double.NaN"/> if it has none.</param>
    /// <exception cref="InvalidOperationException">The stream includes a map lookup, which may return another value when
    /// it is repeated.</exception>
    public EsfThreshold<T> Threshold(Threshold threshold, EventSelector<T, double> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        RequireRepeatable();
        return new EsfThreshold<T>(this, threshold, value);
    }

    /// <summary>Combines each event with the value that a map currently has for it (inner lookup join); drops events without a
    /// value.</summary>
    /// <param name="map">The map; other writers may change it meanwhile. It is read once per event, and again for events whose results were
    /// not committed when the process crashed.</param>
    /// <param name="key">Returns the key to look up.</param>
    /// <param name="join">Combines an event and the value.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">The map's values.</typeparam>
    /// <typeparam name="TResult">The result.</typeparam>
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

    /// <summary>Combines each event with the value that a map currently has for it, if any (left outer lookup join).</summary>
    /// <param name="map">As for the inner join.</param>
    /// <param name="key">Returns the key to look up.</param>
    /// <param name="join">Combines an event and the value, or the default value and false.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">The map's values.</typeparam>
    /// <typeparam name="TResult">The result.</typeparam>
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

    /// <summary>Keeps the newest value of each key in a map. After a crash at any moment, the map matches the events.</summary>
    /// <param name="name">The name of the pipeline, under which the queue stores its position; letters, digits, '-', '_' and '.'.</param>
    /// <param name="map">The map, which only this pipeline may write, including its first two user words. A map that the pipeline did not
    /// create is cleared and rebuilt from the oldest message the queue retains.</param>
    /// <param name="key">Returns the key of an event.</param>
    /// <param name="value">Returns the value of an event.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TValue">The map's values.</typeparam>
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

    /// <summary>Folds the events of each key into a state in a map (running aggregate). Each event counts exactly once, even across
    /// crashes.</summary>
    /// <param name="name">As for <see cref="Materialize"/>.</param>
    /// <param name="map">As for <see cref="Materialize"/>. If the queue has already reclaimed messages, a map that does not match what the
    /// pipeline wrote is rejected, because it cannot be rebuilt.</param>
    /// <param name="key">Returns the key of an event.</param>
    /// <param name="fold">Adds an event to the state of its key.</param>
    /// <typeparam name="TKey">The map's keys.</typeparam>
    /// <typeparam name="TState">The state of a key; starts as the default value.</typeparam>
    /// <exception cref="Core.EstreamCorruptionException">The map does not match what the pipeline wrote, and the queue no longer retains
    /// all messages needed to rebuild it.</exception>
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

    /// <summary>Appends a message for each event to another queue, exactly once even after a crash at any moment: the message and the read
    /// position are committed in one batch.</summary>
    /// <param name="name">As for <see cref="Materialize"/>; each output needs its own name.</param>
    /// <param name="output">The output queue. Other writers may append to it as well.</param>
    /// <param name="maxLength">The maximum length of a message in bytes.</param>
    /// <param name="write">Writes the message of an event.</param>
    /// <param name="sealer">As for <see cref="EsfAppender{TWriter}"/>: required for a schema with private fields; only this pipeline may
    /// use it.</param>
    /// <param name="subLexes">The queues that store the sub-lexes of the schema, by sub-lex name. They receive a message's values at least
    /// once; the output receives the message exactly once.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The name contains an invalid character, the message would not fit in the output, the schema has
    /// private fields and <paramref name="sealer"/> is null or belongs to another schema, or a sub-lex has no queue.</exception>
    /// <exception cref="Core.EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="Core.EstreamStorageException">The position cannot be stored: the disk is full, or the directory is not
    /// writable.</exception>
    public EsfPipeline AppendTo<TWriter>(
        string name, EstreamQueue output, int maxLength, EventWriter<T, TWriter> write, EsfSealer? sealer = null,
        IReadOnlyDictionary<string, EstreamQueue>? subLexes = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        OutputQueue.Require(output, maxLength);
        SchemaDeclarations.RequirePlain(TWriter.Schema);
        return AppendTo(name,
            new QueueEnd<T>(output, TWriter.Schema, sealer, subLexes, space => new WrittenMessage<T, TWriter>(maxLength, write, space)));
    }

    /// <summary>Appends to a queue the messages that a message maker creates from events.</summary>
    internal EsfPipeline AppendTo(string name, QueueEnd<T> end) => Begin(name, end, new AppendStage<T>(end));

    /// <summary>Sets up a pipeline whose results are side outputs of its operators; the events that reach the last stage are not
    /// results.</summary>
    internal EsfPipeline BeginSideOutput(string name, PipelineEnd end, Stage<T> last) => Begin(name, end, last);

    /// <summary>Adds an operator.</summary>
    /// <param name="stage">Creates the operator's stage in front of the next stage.</param>
    /// <param name="isRepeatable">True if the operator always returns the same result for the same event.</param>
    internal EsfStream<TResult> Then<TResult>(Func<Stage<TResult>, Stage<T>> stage, bool isRepeatable = true)
        where TResult : allows ref struct => new(_queue, next => _connect(stage(next)), isRepeatable && _isRepeatable);

    /// <summary>Sets up a pipeline with a stateful operator.</summary>
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

    /// <summary>Throws if this stream includes a lookup: after a crash, results are computed again and must be identical.</summary>
    internal void RequireRepeatable()
    {
        if (!_isRepeatable)
        {
            throw new InvalidOperationException(
                "This operator cannot follow a map lookup: after a crash the map may return something else for the same event. Append the "
                + "results of the lookup to a queue and start another pipeline there, or do the lookup after the windows.");
        }
    }

    /// <summary>Returns the source of this stream, which passes its events to a stage.</summary>
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
/// <param name="Position">The position of the last event included in the state. After a crash it tells the pipeline which events have been
/// counted.</param>
/// <param name="State">The state.</param>
public readonly record struct Folded<TState>(long Position, TState State)
    where TState : unmanaged;
