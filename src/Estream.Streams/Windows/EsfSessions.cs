using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>A stream whose events are assigned to sessions by event time; otherwise like <see cref="EsfWindows{T}"/>. Immutable.</summary>
/// <typeparam name="T">The events.</typeparam>
public sealed class EsfSessions<T>
    where T : allows ref struct
{
    private readonly EsfStream<T> _stream;
    private readonly SessionWindows _windows;
    private readonly WindowPlan<T> _plan;

    internal EsfSessions(EsfStream<T> stream, SessionWindows windows, WindowPlan<T> plan)
    {
        _stream = stream;
        _windows = windows;
        _plan = plan;
    }

    /// <summary>Keeps each session for a time after its result. An event that arrives in that time extends the session; when the watermark
    /// has passed its new end, the session yields another result, which replaces the results of the sessions it contains.</summary>
    /// <inheritdoc cref="EsfWindows{T}.AllowedLateness" path="/param"/>
    /// <inheritdoc cref="EsfWindows{T}.AllowedLateness" path="/exception"/>
    public EsfSessions<T> AllowedLateness(TimeSpan lateness) => With(_plan.WithLateness(lateness));

    /// <inheritdoc cref="EsfWindows{T}.PerSource"/>
    public EsfSessions<T> PerSource(EventSelector<T, long> source, TimeSpan idleAfter) => With(_plan.WithSources(source, idleAfter));

    /// <inheritdoc cref="EsfWindows{T}.LateTo"/>
    public EsfSessions<T> LateTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<T, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct => With(_plan.WithLateTo(queue, maxLength, write));

    /// <summary>Appends the messages that a message maker creates from late events.</summary>
    internal EsfSessions<T> LateTo(EstreamQueue queue, MessageMaker<T> maker) => With(_plan.WithLateTo(queue, maker));

    /// <inheritdoc cref="EsfWindows{T}.OnLate"/>
    public EsfSessions<T> OnLate(EventObserver<T> observer) => With(_plan.WithLateObserver(observer));

    /// <inheritdoc cref="EsfWindows{T}.AtMost"/>
    public EsfSessions<T> AtMost(int limit) => With(_plan.WithLimit(limit));

    /// <summary>Folds the events of each session of each key. Each event counts exactly once, even across crashes.</summary>
    /// <param name="name">As for <see cref="EsfWindows{T}.Aggregate"/>.</param>
    /// <param name="state">As for <see cref="EsfWindows{T}.Aggregate"/>.</param>
    /// <param name="key">Returns the key of an event.</param>
    /// <param name="fold">Adds an event to the state of a session, in the order of arrival.</param>
    /// <param name="merge">Merges the state of a session into that of an earlier one, before the event that joins them is added.</param>
    /// <typeparam name="TKey">The type of the keys; must have no padding bytes.</typeparam>
    /// <typeparam name="TState">The state of a session; starts as the default value.</typeparam>
    public EsfResults<WindowResult<TKey, TState>> Aggregate<TKey, TState>(
        string name, StateMap<long, Windowed<TKey, TState>> state, EventSelector<T, TKey> key, EventFolder<TState, T> fold,
        StateMerger<TState> merge)
        where TKey : unmanaged
        where TState : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(merge);
        return new EsfResults<WindowResult<TKey, TState>>(name, output =>
        {
            // "to" marks the layout in which sessions are due after their end. In the former layout, without "to", they are due at their
            // end, so entries of one layout must not be read as entries of the other.
            KeyedSettings settings =
                _plan.Settings(string.Create(CultureInfo.InvariantCulture, $"{name} sessions to {_windows.GapNanos}"), changed: 2);
            var core = new AggregateCore<TKey, TState>(settings, state, output, _plan.Lateness, behindEnd: 1);
            return _stream.BeginKeyed(name, core, _plan,
                late => new SessionStage<T, TKey, TState>(core, _windows.GapNanos, _plan, key, late, fold, merge));
        });
    }

    private EsfSessions<T> With(WindowPlan<T> plan) => new(_stream, _windows, plan);
}

/// <summary>The result of a window for a key.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TState">The state that the events were folded into.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Start">The start of the window in nanoseconds since 1970 UTC; for a session, the time of its first event.</param>
/// <param name="End">The end of the window (exclusive); for a session, the time of its last event plus the gap.</param>
/// <param name="Revision">0 for the result when the watermark passed the end. Above 0 for a result that includes an event that came later,
/// within the allowed lateness; it replaces the earlier results. For a session, a revision replaces all results of its key that lie within
/// the session.</param>
/// <param name="State">The state that the events were folded into.</param>
public readonly record struct WindowResult<TKey, TState>(TKey Key, long Start, long End, long Revision, TState State)
    where TKey : unmanaged
    where TState : unmanaged;
