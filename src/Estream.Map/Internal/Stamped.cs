using System.Runtime.InteropServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>A value as it is stored in a map with versions.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Stamped<TValue>
    where TValue : unmanaged
{
    /// <summary>What <see cref="ExpiresAt"/> is of an entry that stays.</summary>
    public const long Never = 0;

    public long Version;

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public long ExpiresAt;

    public TValue Value;

    /// <summary>Whether the entry's time is over.</summary>
    public readonly bool IsOver(IClock clock) => ExpiresAt != Never && ExpiresAt <= clock.CoarseUtcNanos;

    /// <summary>When an entry ends that is stored now.</summary>
    public static long EndOf(TimeSpan? timeToLive, IClock clock)
    {
        if (timeToLive is not { } time)
        {
            return Never;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeToLive));
        long now = clock.CoarseUtcNanos;
        return time.Ticks > (long.MaxValue - now) / TimeSpan.NanosecondsPerTick ? long.MaxValue : now + (time.Ticks * TimeSpan.NanosecondsPerTick);
    }
}
