using System.Globalization;
using Estream.Core;

namespace Estream.Marketplace.Tests;

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class ManualClock : IClock
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 6, 33, 0, TimeSpan.Zero);

    /// <summary>Seconds since 1970 UTC.</summary>
    public long Seconds
    {
        get => Now.ToUnixTimeSeconds();
        set => Now = DateTimeOffset.FromUnixTimeSeconds(value);
    }

    public long UtcNanos => (Now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;

    public static ManualClock At(string utc) =>
        new() { Now = DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal) };
}
