using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// A stream whose events are assigned to windows by event time. An event that arrives after all its windows are closed is late: it is
/// counted (<see cref="EsfPipeline.Late"/>), and passed to the queue of <see cref="LateTo"/> or the observer of <see cref="OnLate"/>, if
/// there is one. Immutable.
/// </summary>
/// <typeparam name="T">The events.</typeparam>
/// <remarks>
/// An event is checked against the watermark of the events before it; then it advances the watermark, and each window whose end the
/// watermark has reached yields its result, in the order of the ends. Without an event nothing happens, however much time passes by the
/// clock.
/// </remarks>
public sealed class EsfWindows<T>
    where T : allows ref struct
{
    private readonly EsfStream<T> _stream;
    private readonly TimeWindows _windows;
    private readonly WindowPlan<T> _plan;

    internal EsfWindows(EsfStream<T> stream, TimeWindows windows, WindowPlan<T> plan)
    {
        _stream = stream;
        _windows = windows;
        _plan = plan;
    }

    /// <summary>Keeps each window for a time after its result. An event that arrives in that time is not late; it immediately yields the
    /// next revision of the result.</summary>
    /// <param name="lateness">How far the watermark may be past the end of the window.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lateness"/> is negative or above 36 years.</exception>
    public EsfWindows<T> AllowedLateness(TimeSpan lateness) => With(_plan.WithLateness(lateness));

    /// <summary>Makes the watermark follow the slowest of several sources instead of the newest event overall. Use it for a queue whose
    /// gateways or partitions are each in order, but not relative to each other.</summary>
    /// <param name="source">Returns the number of an event's source; at most 256 sources.</param>
    /// <param name="idleAfter">A source whose newest event is this much older than the newest event overall no longer holds back the
    /// watermark.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="idleAfter"/> is not above zero, or is above 36 years.</exception>
    public EsfWindows<T> PerSource(EventSelector<T, long> source, TimeSpan idleAfter) => With(_plan.WithSources(source, idleAfter));

    /// <summary>Appends a message for each late event to a queue, exactly once, like results.</summary>
    /// <param name="queue">The queue, to which only this pipeline may append.</param>
    /// <param name="maxLength">The maximum length of a message in bytes.</param>
    /// <param name="write">Writes the message of an event.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The message would not fit in the queue.</exception>
    public EsfWindows<T> LateTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<T, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct => With(_plan.WithLateTo(queue, maxLength, write));

    /// <summary>Appends the messages that a message maker creates from late events.</summary>
    internal EsfWindows<T> LateTo(EstreamQueue queue, MessageMaker<T> maker) => With(_plan.WithLateTo(queue, maker));

    /// <summary>Calls an observer for each late event. After a crash, the observer is called again for the latest late events.</summary>
    /// <param name="observer">The observer.</param>
    public EsfWindows<T> OnLate(EventObserver<T> observer) => With(_plan.WithLateObserver(observer));

    /// <summary>Limits the number of open windows, of all keys together; the default is one million. An event that would open one more
    /// window ends the run with an exception; no event is lost.</summary>
    /// <param name="limit">The maximum number of open windows.</param>
    public EsfWindows<T> AtMost(int limit) => With(_plan.WithLimit(limit));

    /// <summary>Folds the events of each key in each window. Each event counts exactly once and each window yields its result exactly once,
    /// even across crashes.</summary>
    /// <param name="name">The name of the pipeline, under which the queue stores which messages it still needs; letters, digits, '-', '_'
    /// and '.'.</param>
    /// <param name="state">The map of open windows, which only this pipeline may write. A map that the pipeline did not create is cleared
    /// and rebuilt from the oldest message, if the queue retains all messages.</param>
    /// <param name="key">Returns the key of an event.</param>
    /// <param name="fold">Adds an event to the state of a window.</param>
    /// <typeparam name="TKey">The type of the keys; must have no padding bytes.</typeparam>
    /// <typeparam name="TState">The state of a window; starts as the default value.</typeparam>
    public EsfResults<WindowResult<TKey, TState>> Aggregate<TKey, TState>(string name, StateMap<long, Windowed<TKey, TState>> state,
        EventSelector<T, TKey> key, EventFolder<TState, T> fold)
        where TKey : unmanaged
        where TState : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(fold);
        return new EsfResults<WindowResult<TKey, TState>>(name, output =>
        {
            var core = new AggregateCore<TKey, TState>(Settings(name, "windows"), state, output, _plan.Lateness, behindEnd: 0);
            return _stream.BeginKeyed(name, core, _plan,
                late => new AggregateStage<T, TKey, TState>(core, _windows, _plan, key, late, fold));
        });
    }

    /// <summary>Passes at most a number of events of each key per interval: the first events to arrive pass immediately. The choice depends
    /// on the events alone, so the same events pass when they are read again.</summary>
    /// <param name="name">As for <see cref="Aggregate"/>.</param>
    /// <param name="state">As for <see cref="Aggregate"/>.</param>
    /// <param name="key">Returns the key of an event.</param>
    /// <param name="value">Returns the part of an event that is passed on.</param>
    /// <param name="most">The maximum number of events per interval.</param>
    /// <param name="excess">What happens to the excess events.</param>
    /// <typeparam name="TKey">The type of the keys; must have no padding bytes.</typeparam>
    /// <typeparam name="TValue">The part of an event that is passed on.</typeparam>
    /// <exception cref="ArgumentException">The windows overlap, or <paramref name="most"/> is below 1.</exception>
    public EsfResults<TValue> Throttle<TKey, TValue>(
        string name, StateMap<long, Windowed<TKey, Throttled<TValue>>> state, EventSelector<T, TKey> key, EventSelector<T, TValue> value,
        long most = 1, Excess excess = Excess.Drop)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (_windows.Overlapping > 1 || !Enum.IsDefined(excess))
        {
            throw new ArgumentException(
                "A throttle needs tumbling windows (Windows.Tumbling) and Excess.Drop or Excess.KeepNewest.", nameof(excess));
        }

        return new EsfResults<TValue>(name, output =>
        {
            var core = new ThrottleCore<TKey, TValue>(
                Settings(name, string.Create(CultureInfo.InvariantCulture, $"throttle {most} {excess}")), state, output);
            return _stream.BeginKeyed(name, core, _plan,
                late => new ThrottleStage<T, TKey, TValue>(core, _windows, _plan, key, late, value, most, excess));
        });
    }

    // The meaning of an entry depends on the window lengths, but not on the allowed lateness.
    private KeyedSettings Settings(string name, string kind) =>
        _plan.Settings(string.Create(CultureInfo.InvariantCulture, $"{name} {kind} {_windows.SizeNanos} {_windows.AdvanceNanos}"),
            _windows.Overlapping);

    private EsfWindows<T> With(WindowPlan<T> plan) => new(_stream, _windows, plan);
}

/// <summary>What happens to events of a key beyond the number that may pass in an interval.</summary>
public enum Excess
{
    /// <summary>Excess events are dropped and counted: <see cref="EsfPipeline.Dropped"/>.</summary>
    Drop,

    /// <summary>Conflation: the newest excess event, by event time, passes as the last of the interval once the watermark is past the
    /// interval; the rest are dropped and counted.</summary>
    KeepNewest,
}

/// <summary>The state of a throttle for a key in an interval.</summary>
/// <typeparam name="TValue">The part of an event that is passed on.</typeparam>
public record struct Throttled<TValue>
    where TValue : unmanaged
{
    internal long Passed;
    internal long HeldTime;
    internal long IsHolding;
    internal TValue Newest;

    /// <summary>The number of events that have passed.</summary>
    public readonly long Count => Passed;
}
