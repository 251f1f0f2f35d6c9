using Estream.Core;

namespace Estream.Wire.OpcUa;

/// <summary>Converts times between OPC UA (units of 100 ns since 1601-01-01 UTC; Part 6, 5.2.2.5), .NET and Unix nanoseconds.</summary>
internal static class UaTime
{
    private const long NanosPerTick = 100;
    private const long UnixEpoch = 116_444_736_000_000_000;

    // The times outside of this range do not fit Unix nanoseconds in 64 bits.
    private const long MinTicks = UnixEpoch + (long.MinValue / NanosPerTick);
    private const long MaxTicks = UnixEpoch + (long.MaxValue / NanosPerTick);

    private static readonly long s_netOffset = new DateTime(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>The present time in UTC.</summary>
    public static DateTime Now => ToDateTime(FromUnixNanos(SystemClock.Instance.UtcNanos));

    /// <summary>The monotonic time in milliseconds.</summary>
    public static long NowMs => SystemClock.Instance.MonotonicNanos / 1_000_000;

    /// <summary>Returns false for the null time (Part 6: zero or the maximum), and for times that do not fit.</summary>
    public static bool TryToUnixNanos(long ticks, out long nanos)
    {
        bool fits = ticks is > 0 and >= MinTicks and <= MaxTicks;
        nanos = fits ? (ticks - UnixEpoch) * NanosPerTick : 0;
        return fits;
    }

    public static long FromUnixNanos(long nanos) => Math.Max(0, (nanos / NanosPerTick) + UnixEpoch);

    public static long FromDateTime(DateTime time)
    {
        long ticks = (time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time).Ticks - s_netOffset;
        return Math.Max(0, ticks);
    }

    /// <summary>Times outside of the range of .NET become its smallest or largest time, as Part 6 requires.</summary>
    public static DateTime ToDateTime(long ticks)
    {
        long net = ticks <= 0 ? 0 : ticks > DateTime.MaxValue.Ticks - s_netOffset ? DateTime.MaxValue.Ticks : ticks + s_netOffset;
        return new DateTime(net, DateTimeKind.Utc);
    }
}
