using System.Diagnostics;

namespace Estream.Testing;

/// <summary>Waits for something another thread or process will bring about, with an end.</summary>
/// <remarks>
/// The limit is generous on purpose: it is there so that a broken test ends, not to judge speed. A test never
/// asserts how long something took.
/// </remarks>
public static class Eventually
{
    private const int PollIntervalMs = 5;

    /// <summary>The limit where none is given.</summary>
    public static TimeSpan DefaultLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Asked every few milliseconds.</param>
    /// <param name="what">What is waited for, as it will stand in the error: "the host answers 200".</param>
    /// <param name="limit">When to give up; <see cref="DefaultLimit"/> where null.</param>
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

    /// <summary>The same for a condition that is asked asynchronously.</summary>
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
            throw new TimeoutException($"Waited {end.TotalSeconds:0} s in vain until {what}.");
        }
    }
}
