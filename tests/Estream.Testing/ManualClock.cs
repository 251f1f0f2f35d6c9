using System.Globalization;
using Estream.Core;

namespace Estream.Testing;

/// <summary>A clock that stands still until a test advances it, or sets its time of day as an operator or a time server does. Setting the
/// time of day does not change the monotonic time. Thread-safe.</summary>
/// <param name="utcNanos">The initial time in Unix nanoseconds.</param>
public sealed class ManualClock(long utcNanos = ManualClock.Start) : IClock
{
    /// <summary>2026-01-01 00:00:00 UTC.</summary>
    public const long Start = 1_767_225_600_000_000_000;

    private long _utcNanos = utcNanos;
    private long _monotonicNanos = 1;

    public long UtcNanos
    {
        get => Volatile.Read(ref _utcNanos);
        set => Volatile.Write(ref _utcNanos, value);
    }

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => Volatile.Read(ref _monotonicNanos);

    /// <summary>The value of <see cref="UtcNanos"/> as a date, truncated to 100 ns.</summary>
    public DateTimeOffset Now
    {
        get => DateTimeOffset.UnixEpoch.AddTicks(UtcNanos / TimeSpan.NanosecondsPerTick);
        set => UtcNanos = (value - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    }

    public static ManualClock At(string utc) =>
        new()
        {
            Now = DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        };

    public void Pass(TimeSpan time) => PassNanos(time.Ticks * TimeSpan.NanosecondsPerTick);

    public void PassNanos(long nanos)
    {
        Interlocked.Add(ref _utcNanos, nanos);
        Interlocked.Add(ref _monotonicNanos, nanos);
    }
}
