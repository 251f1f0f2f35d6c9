using System.Globalization;

namespace Estream.Cli;

/// <summary>Reads ages such as 30s, 45m, 12h or 30d.</summary>
internal static class AgeText
{
    /// <summary>Reads a whole number and a unit.</summary>
    /// <param name="text">The age.</param>
    /// <param name="units">The allowed units: some of s, m, h and d.</param>
    /// <param name="count">The number of units.</param>
    /// <param name="unit">The unit.</param>
    /// <returns>False if the text is not an age in these units. Otherwise the caller still limits the number.</returns>
    public static bool TryRead(string text, string units, out long count, out TimeSpan unit)
    {
        (count, unit) = (0, default);
        if (text.Length < 2 || !units.Contains(text[^1], StringComparison.Ordinal))
        {
            return false;
        }

        unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            _ => TimeSpan.FromDays(1),
        };
        return long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
