using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>How events are put into windows.</summary>
/// <param name="Time">The time of an event.</param>
/// <param name="Delay">How far the watermark is behind.</param>
internal sealed record WindowPlan<T>(EventSelector<T, long> Time, long Delay)
    where T : allows ref struct
{
    // Beside an event's windows, what its watermark makes due.
    private const int ChangedByDue = 2;

    /// <summary>How much longer a window is kept than until its result.</summary>
    public long Lateness { get; init; }

    /// <summary>The source of an event, or null.</summary>
    public EventSelector<T, long>? Source { get; init; }

    /// <summary>When a source is not waited for.</summary>
    public long IdleAfter { get; init; }

    /// <summary>Makes where late events go, or null.</summary>
    public Func<Output<T>>? Late { get; init; }

    /// <summary>How many windows may be open.</summary>
    public int Limit { get; init; } = 1_000_000;

    public WindowPlan<T> WithLateness(TimeSpan lateness) => this with { Lateness = EventTime.NanosOrNone(lateness, nameof(lateness)) };

    public WindowPlan<T> WithSources(EventSelector<T, long> source, TimeSpan idleAfter)
    {
        ArgumentNullException.ThrowIfNull(source);
        return this with { Source = source, IdleAfter = EventTime.Nanos(idleAfter, nameof(idleAfter)) };
    }

    public WindowPlan<T> WithLateTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<T, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(write);
        OutputQueue.RequireComparable<TWriter>(queue, maxLength);
        return WithLateTo(queue, new WrittenMessage<T, TWriter>(maxLength, write, space: null));
    }

    public WindowPlan<T> WithLateTo(EstreamQueue queue, MessageMaker<T> maker) =>
        this with { Late = () => new CountedOutput<T>(queue, maker) };

    public WindowPlan<T> WithLateObserver(EventObserver<T> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return this with { Late = () => new ObserverOutput<T>(observer) };
    }

    public WindowPlan<T> WithLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return this with { Limit = limit };
    }

    /// <param name="origin">Names the pipeline and what its entries depend on.</param>
    /// <param name="changed">How many windows an event changes at most.</param>
    public KeyedSettings Settings(string origin, int changed) =>
        new(origin, Delay, Source is not null, IdleAfter, Limit, changed + ChangedByDue);
}
