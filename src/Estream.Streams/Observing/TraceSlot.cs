using Estream.Queue;

namespace Estream.Streams.Observing;

/// <summary>The way of one message through a pipeline, in a slot that is used again. Written by one thread, then read by another; see
/// <see cref="TraceTape"/>. Times are of a clock that never goes back.</summary>
internal sealed class TraceSlot
{
    /// <summary>So many places are remembered; what comes behind is counted.</summary>
    public const int MaxVisits = 32;

    private readonly int[] _places = new int[MaxVisits];
    private readonly long[] _times = new long[MaxVisits];

    /// <summary>0, and 1 where it lay in the other queue of a join.</summary>
    public int Side { get; private set; }

    /// <summary>Its number in its queue.</summary>
    public long Sequence { get; private set; }

    /// <summary>Its address there.</summary>
    public long Position { get; private set; }

    /// <summary>When it was appended, in nanoseconds since 1970 UTC.</summary>
    public long AppendedAt { get; private set; }

    public long BeganAt { get; private set; }

    public long EndedAt { get; set; }

    /// <summary>When what became of it was permanent.</summary>
    public long PermanentAt { get; set; }

    /// <summary>What is to be added to a time for nanoseconds since 1970 UTC.</summary>
    public long UtcOffset { get; set; }

    /// <summary>Whether it was none to be taken.</summary>
    public bool IsPassed { get; set; }

    /// <summary>Why it was rejected; null where it was not.</summary>
    public string? Reason { get; set; }

    /// <summary>Whether it came to the end of its way, whose number is negative.</summary>
    public bool IsOut { get; private set; }

    /// <summary>At how many places it was.</summary>
    public int Visits { get; private set; }

    /// <summary>The places that are remembered, in order.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, Math.Min(Visits, MaxVisits));

    /// <summary>When it was at each of them.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Math.Min(Visits, MaxVisits));

    public void Begin(scoped in QueueMessage message, int side, long now)
    {
        (Side, Sequence, Position, AppendedAt) = (side, message.Sequence, message.Position, message.Time);
        (BeganAt, EndedAt, PermanentAt) = (now, now, now);
        (Visits, IsOut, IsPassed, Reason) = (0, false, false, null);
    }

    public void Visit(int place, long now)
    {
        if (Visits < MaxVisits)
        {
            _places[Visits] = place;
            _times[Visits] = now;
        }

        IsOut |= place < 0;
        Visits++;
    }
}
