using Estream.Wire.Dnp3.Codec;

namespace Estream.Wire.Dnp3.Session;

/// <summary>When the polls of a session are due. Times are monotonic nanoseconds.</summary>
internal sealed class PollSchedule
{
    private const long NanosPerMilli = 1_000_000;

    // Class 0 stands for the integrity poll.
    private readonly long[] _intervals;
    private readonly long[] _due = new long[4];

    public PollSchedule(Dnp3DeviceOptions options)
    {
        _intervals = [.. new[] { options.IntegrityEveryMs, options.Class1EveryMs, options.Class2EveryMs, options.Class3EveryMs }
            .Select(interval => interval * NanosPerMilli)];
        Array.Fill(_due, long.MaxValue);
    }

    /// <summary>The earliest due time.</summary>
    public long Next => Math.Min(Math.Min(_due[0], _due[1]), Math.Min(_due[2], _due[3]));

    /// <summary>Begins all intervals.</summary>
    public void Restart(long now)
    {
        for (int one = 0; one < _due.Length; one++)
        {
            Advance(one, now);
        }
    }

    /// <summary>Takes the classes that are due, and begins their next interval. An integrity poll reads all classes.</summary>
    public Dnp3Classes TakeDue(long now)
    {
        Dnp3Classes classes = Dnp3Classes.None;
        for (int one = 0; one < _due.Length; one++)
        {
            if (now >= _due[one])
            {
                classes |= (Dnp3Classes)(1 << one);
                Advance(one, now);
            }
        }

        return classes;
    }

    private void Advance(int one, long now) => _due[one] = _intervals[one] == 0 ? long.MaxValue : now + _intervals[one];
}
