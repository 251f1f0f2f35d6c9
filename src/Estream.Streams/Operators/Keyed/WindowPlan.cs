using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>How events are assigned to windows.</summary>
/// <param name="Time">Returns the time of an event.</param>
/// <param name="Delay">How far the watermark is behind the newest event.</param>
internal sealed record WindowPlan<T>(EventSelector<T, long> Time, long Delay)
    where T : allows ref struct
{
    // The number of entries, besides the event's own windows, that one event can make due by advancing the watermark.
    private const int ChangedByDue = 2;

    /// <summary>How long a window is kept after its result.</summary>
    public long Lateness { get; init; }

    /// <summary>Returns the source of an event; null if the stream has no sources.</summary>
    public EventSelector<T, long>? Source { get; init; }

    /// <summary>A source whose newest event is this much older than the newest event overall no longer holds back the watermark.</summary>
    public long IdleAfter { get; init; }

    /// <summary>Creates the output of late events; null for none.</summary>
    public Func<Output<T>>? Late { get; init; }

    /// <summary>The maximum number of open windows.</summary>
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

    /// <param name="origin">Identifies the pipeline and the settings on which its entries depend.</param>
    /// <param name="changed">The maximum number of windows that an event changes.</param>
    public KeyedSettings Settings(string origin, int changed) =>
        new(origin, Delay, Source is not null, IdleAfter, Limit, changed + ChangedByDue);
}
