using System.Globalization;

namespace Estream.Marketplace;

/// <summary>Lengths of time for people: the largest unit that says it without loss, or rounded down.</summary>
internal static class Durations
{
    public static string Describe(TimeSpan duration) => duration switch
    {
        { TotalDays: >= 1 } => Count((long)duration.TotalDays, "day"),
        { TotalHours: >= 1 } => Count((long)duration.TotalHours, "hour"),
        { TotalMinutes: >= 1 } => Count((long)duration.TotalMinutes, "minute"),
        _ => Count((long)duration.TotalSeconds, "second"),
    };

    private static string Count(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
}
