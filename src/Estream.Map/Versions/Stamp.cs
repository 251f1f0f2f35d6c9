using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The version and expiry of an entry. In a map of bytes it precedes the value, in the same block.</summary>
internal readonly record struct Stamp(long Version, long ExpiresAt)
{
    public const int Bytes = 2 * sizeof(long);

    /// <summary>The <see cref="ExpiresAt"/> of an entry that does not expire.</summary>
    public const long Never = 0;

    /// <summary>The version of a missing entry.</summary>
    public const long NoVersion = 0;

    public const long AnyVersion = -1;

    public static bool IsOver(long expiresAt, long now) => expiresAt != Never && expiresAt <= now;

    // Reads the clock only for an entry with an expiry.
    public static bool IsOver(long expiresAt, IClock clock) => expiresAt != Never && expiresAt <= clock.CoarseUtcNanos;

    /// <summary>The expiry of an entry that is stored now.</summary>
    public static long EndOf(TimeSpan? timeToLive, IClock clock)
    {
        if (timeToLive is not { } time)
        {
            return Never;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeToLive));
        long now = clock.CoarseUtcNanos;
        return time.Ticks > (long.MaxValue - now) / TimeSpan.NanosecondsPerTick
            ? long.MaxValue
            : now + (time.Ticks * TimeSpan.NanosecondsPerTick);
    }

    public static Stamp Read(ReadOnlySpan<byte> value) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value[sizeof(long)..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Version);
        BinaryPrimitives.WriteInt64LittleEndian(target[sizeof(long)..], ExpiresAt);
    }
}

/// <summary>A value with version and expiry, as a map with versions stores it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VersionedValue<TValue>
    where TValue : unmanaged
{
    public long Version;

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public long ExpiresAt;

    public TValue Value;

    /// <summary>Whether the entry has expired.</summary>
    public readonly bool IsOver(IClock clock) => Stamp.IsOver(ExpiresAt, clock);

    /// <summary>Whether the entry had expired at a moment.</summary>
    public readonly bool IsOverAt(long now) => Stamp.IsOver(ExpiresAt, now);

    /// <summary>The entry as users see it.</summary>
    public readonly VersionedEntry<TKey, TValue> EntryOf<TKey>(TKey key)
        where TKey : unmanaged => new(key, Value, Version, ExpiresAt);
}
