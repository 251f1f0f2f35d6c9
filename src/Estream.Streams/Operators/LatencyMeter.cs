using Estream.Core;

namespace Estream.Streams.Operators;

/// <summary>
/// Measures the time from the append of a queue's messages until their results are committed. Updated by the thread of the pipeline, in a
/// histogram of eight steps per doubling; readable from any thread. Allocates nothing.
/// </summary>
/// <remarks>The queue's timestamps are up to a millisecond old, so measured times are too long by up to that much.</remarks>
/// <param name="clock">The clock for latencies.</param>
/// <param name="limit">Messages that take longer are also counted exactly; null for no limit.</param>
internal sealed class LatencyMeter(IClock clock, TimeSpan? limit)
{
    // The maximum number of measured messages per commit. While commits keep failing, further messages are not measured.
    private const int Most = 4_096;

    private readonly long[] _appended = new long[Most];
    private readonly long _limitNanos = limit is { } longest ? longest.Ticks * TimeSpan.NanosecondsPerTick : long.MaxValue;
    private int _noted;
    private long _late;

    /// <summary>The measured latencies.</summary>
    public LatencyHistogram Histogram { get; } = new();

    /// <summary>Notes a message that is read.</summary>
    /// <param name="appendedAt">The time of its append.</param>
    public void Note(long appendedAt)
    {
        if (_noted < Most)
        {
            _appended[_noted++] = appendedAt;
        }
    }

    /// <summary>Discards the message noted last, which was not consumed and will be read again.</summary>
    public void Retract() => _noted = Math.Max(0, _noted - 1);

    /// <summary>Discards all noted messages, which will be read again.</summary>
    public void Forget() => _noted = 0;

    /// <summary>Measures all noted messages, whose results are now committed.</summary>
    public void Complete()
    {
        long now = _noted == 0 ? 0 : clock.UtcNanos;
        foreach (long appended in _appended.AsSpan(0, _noted))
        {
            long took = now - appended;
            Histogram.Add(took);
            if (took > _limitNanos)
            {
                Volatile.Write(ref _late, _late + 1);
            }
        }

        _noted = 0;
    }

    /// <summary>The measurements so far.</summary>
    public LatencyCounts Counts
    {
        get
        {
            long[] counts = new long[LatencyHistogram.StepCount];
            Histogram.CopyTo(counts);
            return new LatencyCounts(counts, Volatile.Read(ref _late));
        }
    }
}
