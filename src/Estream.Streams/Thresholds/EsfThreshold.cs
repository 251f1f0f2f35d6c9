using System.Globalization;
using Estream.Map;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// A stream whose events have a value that is compared with a threshold, per key. An event crosses the threshold when its value raises a
/// key that was not raised, or clears a key that was raised. All other events change nothing, including events whose value is NaN.
/// Initially no key is raised. Immutable.
/// </summary>
/// <typeparam name="T">The events.</typeparam>
/// <remarks>Events count in order of arrival, whatever their times. Without an event nothing happens.</remarks>
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

    /// <summary>Raises a key only after its value has been beyond the threshold for some time: from the event that crossed the threshold,
    /// through every following event of the key, to an event at least that much later.</summary>
    /// <param name="duration">The minimum time beyond the threshold.</param>
    /// <param name="eventTime">Returns the time of an event in nanoseconds since 1970 UTC; take it from the event itself.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="duration"/> is negative or above 36 years.</exception>
    public EsfThreshold<T> HeldFor(TimeSpan duration, EventSelector<T, long> eventTime)
    {
        ArgumentNullException.ThrowIfNull(eventTime);
        return new(_stream, _threshold, _value, _plan with { Time = eventTime }, EventTime.NanosOrNone(duration, nameof(duration)),
            isTimed: true);
    }

    /// <summary>Limits the number of keys that are raised, or beyond the threshold but not yet for long enough; the default is one million.
    /// One more such key ends the run with an exception; no event is lost.</summary>
    /// <param name="limit">The maximum number of keys.</param>
    public EsfThreshold<T> AtMost(int limit) => new(_stream, _threshold, _value, _plan.WithLimit(limit), _holdNanos, _isTimed);

    /// <summary>Yields a result for each crossing, exactly once, even across crashes.</summary>
    /// <param name="name">The name of the pipeline, under which the queue stores which messages it still needs; letters, digits, '-', '_'
    /// and '.'.</param>
    /// <param name="state">The map of raised keys, which only this pipeline may write. A map that the pipeline did not create is cleared
    /// and rebuilt from the oldest message, if the queue retains all messages.</param>
    /// <param name="key">Returns the key of an event.</param>
    /// <param name="value">Returns the part of an event to keep when it crosses the threshold.</param>
    /// <typeparam name="TKey">The type of the keys; must have no padding bytes.</typeparam>
    /// <typeparam name="TValue">The kept part of an event.</typeparam>
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

/// <summary>A crossing of a threshold by the value of a key.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The kept part of the event.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="IsRaised">True if the key is raised from now on, false if it is cleared.</param>
/// <param name="Value">The value that crossed the threshold.</param>
/// <param name="Event">The kept part of the event that had this value.</param>
public readonly record struct Crossing<TKey, TValue>(TKey Key, bool IsRaised, double Value, TValue Event)
    where TKey : unmanaged
    where TValue : unmanaged;

/// <summary>The state of a key that is raised, or beyond the threshold but not yet for long enough. No state is stored for other
/// keys.</summary>
public record struct ThresholdState
{
    internal long Raised;
    internal long Since;

    /// <summary>True if the key is raised.</summary>
    public readonly bool IsRaised => Raised != 0;

    /// <summary>The time of the event with which the value went beyond the threshold, in nanoseconds since 1970 UTC; 0 if the threshold
    /// uses no times.</summary>
    public readonly long BeyondSince => Since;
}
