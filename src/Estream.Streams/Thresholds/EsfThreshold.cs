using System.Globalization;
using Estream.Map;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// A stream whose events have a value that is held against a threshold, key by key. An event crosses it when its value is raised and the
/// key was not, or cleared and the key was raised; all others change nothing, and so does a value that is no number. At first no key is
/// raised. Immutable.
/// </summary>
/// <typeparam name="T">The events.</typeparam>
/// <remarks>Events count in the order in which they come, whatever their times. Without an event nothing happens.</remarks>
public sealed class EsfThreshold<T>
    where T : allows ref struct
{
    private readonly EsfStream<T> _stream;
    private readonly Threshold _threshold;
    private readonly EventSelector<T, double> _value;
    private readonly WindowPlan<T> _plan;
    private readonly long _holdNanos;
    private readonly bool _isTimed;

    internal EsfThreshold(EsfStream<T> stream, Threshold threshold, EventSelector<T, double> value)
        : this(stream, threshold, value, new WindowPlan<T>(static (scoped in T _) => 0, Delay: 0), 0, isTimed: false)
    {
    }

    private EsfThreshold(EsfStream<T> stream, Threshold threshold, EventSelector<T, double> value, WindowPlan<T> plan, long holdNanos,
        bool isTimed)
    {
        (_stream, _threshold, _value, _plan, _holdNanos, _isTimed) = (stream, threshold, value, plan, holdNanos, isTimed);
    }

    /// <summary>Has a value count as raised only when it was beyond the threshold for some time: from the event that brought it there, with
    /// each event of the key since, to one that is so much later.</summary>
    /// <param name="duration">For how long.</param>
    /// <param name="eventTime">The time of an event, in nanoseconds since 1970 UTC, from the event itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or above 36 years.</exception>
    public EsfThreshold<T> HeldFor(TimeSpan duration, EventSelector<T, long> eventTime)
    {
        ArgumentNullException.ThrowIfNull(eventTime);
        return new(_stream, _threshold, _value, _plan with { Time = eventTime }, EventTime.NanosOrNone(duration, nameof(duration)),
            isTimed: true);
    }

    /// <summary>Has at most so many keys be raised, or about to be, instead of a million. One more ends the run with an exception; nothing
    /// is lost.</summary>
    /// <param name="limit">How many.</param>
    public EsfThreshold<T> AtMost(int limit) => new(_stream, _threshold, _value, _plan.WithLimit(limit), _holdNanos, _isTimed);

    /// <summary>Has a result for each crossing, once, through kills.</summary>
    /// <param name="name">The pipeline's name, by which the queue remembers what it still needs; letters, digits, '-', '_' and '.'.</param>
    /// <param name="state">Where it is kept which keys are raised: a map that is this pipeline's alone to write. One that is not what it
    /// has made is cleared, and everything made anew from the oldest message, where the queue has all of them.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="value">What is kept of an event that crosses the threshold.</param>
    /// <typeparam name="TKey">The keys; without padding.</typeparam>
    /// <typeparam name="TValue">What is kept of an event.</typeparam>
    public EsfResults<Crossing<TKey, TValue>> Crossings<TKey, TValue>(string name, StateMap<long, Windowed<TKey, ThresholdState>> state,
        EventSelector<T, TKey> key, EventSelector<T, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return new EsfResults<Crossing<TKey, TValue>>(name, output =>
        {
            string bounds = string.Create(CultureInfo.InvariantCulture,
                $"{name} threshold {(_threshold.IsBelow ? "below" : "above")} {_threshold.Raise} {_threshold.Clear} {_holdNanos}");
            var core = new ThresholdCore<TKey, TValue>(_plan.Settings(bounds, changed: 1), state, output, _holdNanos);
            return _stream.BeginKeyed(name, core, _plan,
                _ => new ThresholdStage<T, TKey, TValue>(core, _threshold, _value, _isTimed ? _plan.Time : null, key, value));
        });
    }
}

/// <summary>That the value of a key crossed a threshold.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">What is kept of the event.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="IsRaised">Whether it is raised from here on, or cleared.</param>
/// <param name="Value">The value that crossed it.</param>
/// <param name="Event">What is kept of the event whose value that is.</param>
public readonly record struct Crossing<TKey, TValue>(TKey Key, bool IsRaised, double Value, TValue Event)
    where TKey : unmanaged
    where TValue : unmanaged;

/// <summary>What is remembered of a key whose value is raised, or beyond the threshold and not for long enough yet. Of all other keys
/// nothing is.</summary>
public record struct ThresholdState
{
    internal long Raised;
    internal long Since;

    /// <summary>Whether it is raised.</summary>
    public readonly bool IsRaised => Raised != 0;

    /// <summary>The time of the event with which the value went beyond the threshold, in nanoseconds since 1970 UTC; 0 where no time is
    /// asked for.</summary>
    public readonly long BeyondSince => Since;
}
