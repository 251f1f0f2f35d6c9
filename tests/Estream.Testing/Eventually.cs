using System.Diagnostics;

namespace Estream.Testing;

/// <summary>Waits, with a time limit, for an effect of another thread or process.</summary>
/// <remarks>
/// The limit is generous on purpose: it ends a broken test and does not judge speed. A test never
/// asserts how long something took.
/// </remarks>
public static class Eventually
{
    private const int PollIntervalMs = 5;

    /// <summary>The default limit.</summary>
    public static TimeSpan DefaultLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Evaluated every few milliseconds.</param>
    /// <param name="what">The expected event, as the error text shows it: "the host answers 200".</param>
    /// <param name="limit">The time limit; <see cref="DefaultLimit"/> if null.</param>
    /// <exception cref="TimeoutException">The condition did not hold within the limit.</exception>
    public static void True(Func<bool> condition, string what, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            ThrowIfOver(start, what, limit);
            Thread.Sleep(PollIntervalMs);
        }
    }

    /// <summary>The asynchronous form of <see cref="True"/>.</summary>
    /// <exception cref="TimeoutException">The condition did not hold within the limit.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long start = Stopwatch.GetTimestamp();
        while (!await condition().ConfigureAwait(false))
        {
            ThrowIfOver(start, what, limit);
            await Task.Delay(PollIntervalMs).ConfigureAwait(false);
        }
    }

    private static void ThrowIfOver(long start, string what, TimeSpan? limit)
    {
        TimeSpan end = limit ?? DefaultLimit;
        if (Stopwatch.GetElapsedTime(start) > end)
        {
            throw new TimeoutException($"Timeout after {end.TotalSeconds:0} s while waiting until {what}.");
        }
    }
}
