using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>A stream whose events are put in sessions by their own time; otherwise as <see cref="EsfWindows{T}"/>. Immutable.</summary>
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

    /// <summary>Keeps each session for longer than until its result: an event that comes in that time extends it, and it has another result
    /// when its new end is reached, which replaces those of the sessions in it.</summary>
    /// <inheritdoc cref="EsfWindows{T}.AllowedLateness" path="/param"/>
    /// <inheritdoc cref="EsfWindows{T}.AllowedLateness" path="/exception"/>
    public EsfSessions<T> AllowedLateness(TimeSpan lateness) => With(_plan.WithLateness(lateness));

    /// <inheritdoc cref="EsfWindows{T}.PerSource"/>
    public EsfSessions<T> PerSource(EventSelector<T, long> source, TimeSpan idleAfter) => With(_plan.WithSources(source, idleAfter));

    /// <inheritdoc cref="EsfWindows{T}.LateTo"/>
    public EsfSessions<T> LateTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<T, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct => With(_plan.WithLateTo(queue, maxLength, write));

    /// <summary>The same with messages that somebody makes of late events.</summary>
    internal EsfSessions<T> LateTo(EstreamQueue queue, MessageMaker<T> maker) => With(_plan.WithLateTo(queue, maker));

    /// <inheritdoc cref="EsfWindows{T}.OnLate"/>
    public EsfSessions<T> OnLate(EventObserver<T> observer) => With(_plan.WithLateObserver(observer));

    /// <inheritdoc cref="EsfWindows{T}.AtMost"/>
    public EsfSessions<T> AtMost(int limit) => With(_plan.WithLimit(limit));

    /// <summary>Folds the events of each session of each key. Each event counts once, through kills.</summary>
    /// <param name="name">As for <see cref="EsfWindows{T}.Aggregate"/>.</param>
    /// <param name="state">As for <see cref="EsfWindows{T}.Aggregate"/>.</param>
    /// <param name="key">The key of an event.</param>
    /// <param name="fold">Adds an event to the state of a session, in the order in which they come.</param>
    /// <param name="merge">Adds the state of a session to that of an earlier one, before the event is added that joins them.</param>
    /// <typeparam name="TKey">The keys; without padding.</typeparam>
    /// <typeparam name="TState">The state of a session; begins as the default.</typeparam>
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
            // "to": in a state that says "sessions" they are due at their end, not behind it. Nobody reads it as one of these.
            KeyedSettings settings =
                _plan.Settings(string.Create(CultureInfo.InvariantCulture, $"{name} sessions to {_windows.GapNanos}"), changed: 2);
            var core = new AggregateCore<TKey, TState>(settings, state, output, _plan.Lateness, behindEnd: 1);
            return _stream.BeginKeyed(name, core, _plan,
                late => new SessionStage<T, TKey, TState>(core, _windows.GapNanos, _plan, key, late, fold, merge));
        });
    }

    private EsfSessions<T> With(WindowPlan<T> plan) => new(_stream, _windows, plan);
}

/// <summary>What became of the events of a key in a window.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TState">What the events were folded into.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Start">The window's beginning, in nanoseconds since 1970 UTC. Of a session the time of its first event.</param>
/// <param name="End">The first moment behind the window. Of a session the time of its last event and the gap.</param>
/// <param name="Revision">0 for the result when the watermark passed the end; above it for one that takes in an event that came later,
/// within the allowed lateness, and replaces the former ones. Of a session, a revision replaces all results of its key that lie in
/// it.</param>
/// <param name="State">What the events were folded into.</param>
public readonly record struct WindowResult<TKey, TState>(TKey Key, long Start, long End, long Revision, TState State)
    where TKey : unmanaged
    where TState : unmanaged;
