using Estream.Queue;

namespace Estream.Streams.Observing;

/// <summary>The trace of one message through a pipeline, in a reused slot. Written by one thread, then read by another; see
/// <see cref="TraceTape"/>. Times are from a monotonic clock.</summary>
internal sealed class TraceSlot
{
    /// <summary>The maximum number of visits stored; further visits are only counted.</summary>
    public const int MaxVisits = 32;

    private readonly int[] _places = new int[MaxVisits];
    private readonly long[] _times = new long[MaxVisits];

    /// <summary>0, or 1 if the message is from the right queue of a join.</summary>
    public int Side { get; private set; }

    /// <summary>The sequence number of the message.</summary>
    public long Sequence { get; private set; }

    /// <summary>The position of the message in its queue.</summary>
    public long Position { get; private set; }

    /// <summary>The time of the append, in nanoseconds since 1970 UTC.</summary>
    public long AppendedAt { get; private set; }

    public long BeganAt { get; private set; }

    public long EndedAt { get; set; }

    /// <summary>The time at which the results of the message were committed.</summary>
    public long PermanentAt { get; set; }

    /// <summary>The offset from a monotonic time to nanoseconds since 1970 UTC.</summary>
    public long UtcOffset { get; set; }

    /// <summary>True if the message was skipped.</summary>
    public bool IsPassed { get; set; }

    /// <summary>The reason for which the message was rejected; null if the message was not rejected.</summary>
    public string? Reason { get; set; }

    /// <summary>True if the message left the last stage towards the operator or the sink; the number of that visit is negative.</summary>
    public bool IsOut { get; private set; }

    /// <summary>The number of stages visited.</summary>
    public int Visits { get; private set; }

    /// <summary>The numbers of the stages visited, in order; at most <see cref="MaxVisits"/>.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, Math.Min(Visits, MaxVisits));

    /// <summary>The times of the visits in <see cref="Places"/>.</summary>
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
