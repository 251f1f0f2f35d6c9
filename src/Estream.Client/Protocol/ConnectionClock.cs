using Estream.Core;

namespace Estream.Client.Protocol;

/// <summary>The time of connections, for keep-alives and time limits.</summary>
internal static class ConnectionClock
{
    /// <summary>Milliseconds of a clock that never goes back.</summary>
    public static long Millis => SystemClock.Instance.MonotonicNanos / 1_000_000;
}
