namespace Estream.Core;

/// <summary>Time as a dependency, so that simulations can set it. Thread-safe.</summary>
public interface IClock
{
    /// <summary>Nanoseconds since 1970-01-01 UTC, read now. About 25 ns.</summary>
    long UtcNanos { get; }

    /// <summary>Nanoseconds since 1970-01-01 UTC, at most one millisecond old on a machine that schedules its threads. About 1
    /// ns.</summary>
    long CoarseUtcNanos { get; }

    /// <summary>Nanoseconds on a clock that never goes back, with an unspecified zero. About 25 ns.</summary>
    long MonotonicNanos { get; }

    /// <summary>Nanoseconds since the machine was started, including the time in which it was suspended. Setting the time of day does not
    /// change it. A clock without this knowledge returns <see cref="MonotonicNanos"/>. About 50 ns.</summary>
    long ElapsedNanos => MonotonicNanos;
}
