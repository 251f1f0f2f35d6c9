using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Estream.Host.Runtime;

/// <summary>The times of the values to read from the history. Times are in seconds since the Unix epoch.</summary>
/// <param name="From">The first time, a multiple of the step.</param>
/// <param name="Step">The seconds of one value.</param>
/// <param name="Count">The number of values.</param>
internal sealed record HistoryRange(long From, int Step, int Count)
{
    /// <summary>The maximum number of values.</summary>
    public const int MaxCount = 2_000;

    private const int DefaultCount = 600;

    /// <summary>The end: the first time after the last value.</summary>
    public long To => From + ((long)Step * Count);

    /// <summary>Creates a range. Rounds the step up to minutes if the history lacks the seconds of the range.</summary>
    /// <param name="recorder">The history.</param>
    /// <param name="fromMs">The start in milliseconds.</param>
    /// <param name="toMs">The end in milliseconds.</param>
    /// <param name="step">The least step in seconds; null for at most 600 values.</param>
    /// <param name="range">The range.</param>
    /// <param name="reason">Why there is no such range, and what to do.</param>
    public static bool TryCreate(HistoryRecorder recorder, long fromMs, long toMs, int? step, [NotNullWhen(true)] out HistoryRange? range,
        [NotNullWhen(false)] out string? reason)
    {
        (range, reason) = (null, null);
        if (fromMs >= toMs)
        {
            reason = "from must be before to.";
            return false;
        }

        (long from, long to) = (fromMs / 1_000, (toMs + 999) / 1_000);
        long seconds = step ?? Math.Max(1, (to - from + DefaultCount - 1) / DefaultCount);
        bool hasSeconds = recorder.HasSeconds(from / seconds * seconds);
        seconds = seconds < HistoryFile.BlockSeconds && hasSeconds
            ? seconds
            : (seconds + HistoryFile.BlockSeconds - 1) / HistoryFile.BlockSeconds * HistoryFile.BlockSeconds;
        long start = from / seconds * seconds;
        long count = (to - start + seconds - 1) / seconds;
        if (seconds > int.MaxValue || count > MaxCount)
        {
            reason = string.Create(CultureInfo.InvariantCulture,
                $"The range has {count} values of {seconds} s, more than {MaxCount}. Use a shorter range or a longer step.");
            return false;
        }

        range = new HistoryRange(start, (int)seconds, (int)count);
        return true;
    }
}
