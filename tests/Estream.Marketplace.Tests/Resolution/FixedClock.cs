using System.Globalization;
using Estream.Core;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>A clock that stands still at a moment, until it is moved.</summary>
internal sealed class FixedClock(string utc) : IClock
{
    public long UtcNanos { get; private set; } = NanosOf(utc);

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;

    public static long NanosOf(string utc) =>
        (DateTime.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal) - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public void Advance(TimeSpan by) => UtcNanos += by.Ticks * TimeSpan.NanosecondsPerTick;
}
