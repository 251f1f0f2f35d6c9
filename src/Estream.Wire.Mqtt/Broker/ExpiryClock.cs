using Estream.Core;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The time by which messages expire: that of the machine when the endpoint was opened, and since then what has passed on a clock that
/// nobody sets. As a date it can be kept beside a message for the next process. Thread-safe.
/// </summary>
internal sealed class ExpiryClock(IClock clock)
{
    private readonly long _start = clock.UtcNanos - clock.MonotonicNanos;

    /// <summary>Nanoseconds since 1970-01-01 UTC.</summary>
    public long Now => _start + clock.MonotonicNanos;
}
