using System.Buffers.Binary;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Version and end of an entry. In a map of bytes it lies before the value, in the same block.</summary>
internal readonly record struct Stamp(long Version, long ExpiresAt)
{
    public const int Bytes = 2 * sizeof(long);

    /// <summary>What <see cref="ExpiresAt"/> is of an entry that stays.</summary>
    public const long Never = 0;

    /// <summary>What the version is of an entry that is not there.</summary>
    public const long NoVersion = 0;

    public const long AnyVersion = -1;

    public static bool IsOver(long expiresAt, long now) => expiresAt != Never && expiresAt <= now;

    // The clock is asked only where there is an end.
    public static bool IsOver(long expiresAt, IClock clock) => expiresAt != Never && expiresAt <= clock.CoarseUtcNanos;

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

    public static Stamp Read(ReadOnlySpan<byte> value) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value[sizeof(long)..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Version);
        BinaryPrimitives.WriteInt64LittleEndian(target[sizeof(long)..], ExpiresAt);
    }
}
