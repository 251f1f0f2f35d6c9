using System.Globalization;

namespace Estream.Cli.Output;

/// <summary>Writes sizes, rates and durations for people.</summary>
internal static class Quantity
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Writes a number of bytes with a binary unit, such as <c>1.5 MiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {s_units[unit]}";
    }

    /// <summary>Writes a rate without digits that change all the time.</summary>
    public static string Rate(double perSecond) =>
        perSecond.ToString(perSecond is > 0 and < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    /// <summary>Writes a duration in its two largest units, such as <c>3 h 12 min</c>.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalDays >= 1 ? Two((long)time.TotalDays, "d", time.Hours, "h")
        : time.TotalHours >= 1 ? Two(time.Hours, "h", time.Minutes, "min")
        : time.TotalMinutes >= 1 ? Two(time.Minutes, "min", time.Seconds, "s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds} s");

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        string.Create(CultureInfo.InvariantCulture, $"{large} {largeUnit} {small} {smallUnit}");
}
