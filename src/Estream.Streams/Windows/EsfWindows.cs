using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// A stream whose events are put in windows by their own time. An event that comes when all its windows are over is late: it is counted
/// (<see cref="EsfPipeline.Late"/>), and goes where <see cref="LateTo"/> or <see cref="OnLate"/> says. Immutable.
/// </summary>
/// <typeparam name="T">The events.</typeparam>
/// <remarks>
/// An event is looked at with the watermark of those before it, then moves the watermark, and then each window that the watermark has
/// reached the end of has its result, in the order of their ends. Without an event nothing happens, however late it is by the clock.
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

    /// <summary>Keeps each window for longer than until its result: an event that comes in that time is not late, and makes the next
    /// revision of the result, at once.</summary>
    /// <param name="lateness">By how much the watermark may be behind the end of the window.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or above 36 years.</exception>
    public EsfWindows<T> AllowedLateness(TimeSpan lateness) => With(_plan.WithLateness(lateness));

    /// <summary>Has the watermark follow the slowest of several sources and not the newest event of all: for a queue in which gateways or
    /// partitions are each in order, but not with one another.</summary>
    /// <param name="source">The number of the source of an event; there may be 256.</param>
    /// <param name="idleAfter">A source whose newest event is so much behind the newest of all is not waited for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or above 36 years.</exception>
    public EsfWindows<T> PerSource(EventSelector<T, long> source, TimeSpan idleAfter) => With(_plan.WithSources(source, idleAfter));

    /// <summary>Appends a message for each late event to a queue, each once, as results are.</summary>
    /// <param name="queue">The queue, which is this pipeline's alone to append to.</param>
    /// <param name="maxLength">The most bytes a message may have.</param>
    /// <param name="write">Writes the message of an event.</param>
    /// <typeparam name="TWriter">The generated writer.</typeparam>
    /// <exception cref="ArgumentException">The message would not fit in the queue.</exception>
    public EsfWindows<T> LateTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<T, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct => With(_plan.WithLateTo(queue, maxLength, write));

    /// <summary>The same with messages that somebody makes of late events.</summary>
    internal EsfWindows<T> LateTo(EstreamQueue queue, MessageMaker<T> maker) => With(_plan.WithLateTo(queue, maker));

    /// <summary>Tells somebody of each late event; after a kill of the last ones again.</summary>
    /// <param name="observer">Who is told.</param>
    public EsfWindows<T> OnLate(EventObserver<T> observer) => With(_plan.WithLateObserver(observer));

    /// <summary>Has at most so many windows be open, of all keys together, instead of a million. An event that would open one more ends the
    /// run with an exception; nothing is lost.</summary>
    /// <param name="limit">How many.</param>
    public EsfWindows<T> AtMost(int limit) => With(_plan.WithLimit(limit));

    /// <summary>Folds the events of each key in each window. Each event counts once, and each window has its result once, through
    /// kills.</summary>
    /// <param name="name">The pipeline's name, by which the queue remembers what it still needs; letters, digits, '-', '_' and '.'.</param>
    /// <param name="state">Where the open windows are kept: a map that is this pipeline's alone to write. One that is not what it has made
    /// is cleared, and everything made anew from the oldest message, where the queue has all of them.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="fold">Adds an event to the state of a window.</param>
    /// <typeparam name="TKey">The keys; without padding.</typeparam>
    /// <typeparam name="TState">The state of a window; begins as the default.</typeparam>
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

    /// <summary>Lets at most so many events of each key pass in each interval: the first ones that come, at once. Which ones pass depends
    /// on the events alone, also when they are read again.</summary>
    /// <param name="name">As for <see cref="Aggregate"/>.</param>
    /// <param name="state">As for <see cref="Aggregate"/>.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="value">What passes of an event.</param>
    /// <param name="most">How many in an interval.</param>
    /// <param name="excess">What becomes of the others.</param>
    /// <typeparam name="TKey">The keys; without padding.</typeparam>
    /// <typeparam name="TValue">What passes.</typeparam>
    /// <exception cref="ArgumentException">The windows overlap, or fewer than one may pass.</exception>
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
                "A throttle needs Windows.Tumbling, of which each event is in one, and Excess.Drop or Excess.KeepNewest.", nameof(excess));
        }

        return new EsfResults<TValue>(name, output =>
        {
            var core = new ThrottleCore<TKey, TValue>(
                Settings(name, string.Create(CultureInfo.InvariantCulture, $"throttle {most} {excess}")), state, output);
            return _stream.BeginKeyed(name, core, _plan,
                late => new ThrottleStage<T, TKey, TValue>(core, _windows, _plan, key, late, value, most, excess));
        });
    }

    // What entries mean depends on the lengths; on how late events may be does not.
    private KeyedSettings Settings(string name, string kind) =>
        _plan.Settings(string.Create(CultureInfo.InvariantCulture, $"{name} {kind} {_windows.SizeNanos} {_windows.AdvanceNanos}"),
            _windows.Overlapping);

    private EsfWindows<T> With(WindowPlan<T> plan) => new(_stream, _windows, plan);
}

/// <summary>What becomes of the events of a key that are more than may pass in an interval.</summary>
public enum Excess
{
    /// <summary>They are dropped, and counted: <see cref="EsfPipeline.Dropped"/>.</summary>
    Drop,

    /// <summary>Conflation: the newest of them, by its time, passes as the last of the interval when the watermark is behind that; the
    /// others are dropped and counted.</summary>
    KeepNewest,
}

/// <summary>What a throttle knows of a key in an interval.</summary>
/// <typeparam name="TValue">What it lets pass.</typeparam>
public record struct Throttled<TValue>
    where TValue : unmanaged
{
    internal long Passed;
    internal long HeldTime;
    internal long IsHolding;
    internal TValue Newest;

    /// <summary>How many have passed.</summary>
    public readonly long Count => Passed;
}
