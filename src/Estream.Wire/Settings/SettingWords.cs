using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Estream.Wire.Settings;

/// <summary>The texts of values in settings and guides.</summary>
internal static class SettingWords
{
    /// <summary>The words of an enumeration, in the order of its values.</summary>
    public static string[] Of(Type enumeration) => [.. Values(enumeration).Select(one => one.Word)];

    /// <summary>The value of a word, without regard to case; null if the enumeration has no such word.</summary>
    public static object? Find(Type enumeration, string word) =>
        Values(enumeration).FirstOrDefault(one => one.Word.Equals(word, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Describes a default in Markdown.</summary>
    /// <param name="value">The default; null for none.</param>
    /// <param name="unit">The unit of a time.</param>
    public static string Describe(object? value, SettingUnit unit) => value switch
    {
        null => "none",
        bool flag => flag ? "`true`" : "`false`",
        string text => text.Length == 0 ? "none" : $"`{text}`",
        Enum word => $"`{Values(word.GetType()).First(one => one.Value!.Equals(word)).Word}`",
        TimeSpan time => Number(InUnit(time, unit)),
        double number => number.ToString(CultureInfo.InvariantCulture),
        System.Net.IPAddress address => $"`{address}`",
        ICollection => "none",
        IConvertible number => Number(number.ToInt64(CultureInfo.InvariantCulture)),
        _ => "none",
    };

    /// <summary>Converts a number of a unit to a time.</summary>
    public static TimeSpan ToTime(long number, SettingUnit unit) => unit switch
    {
        SettingUnit.Microseconds => TimeSpan.FromMicroseconds(number),
        SettingUnit.Milliseconds => TimeSpan.FromMilliseconds(number),
        SettingUnit.Seconds => TimeSpan.FromSeconds(number),
        _ => throw new ArgumentException("A setting with a time has no unit of time.", nameof(unit)),
    };

    private static long InUnit(TimeSpan time, SettingUnit unit) => (long)(time / ToTime(1, unit));

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Word, object? Value)> Values(Type enumeration) =>
        enumeration.GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(field => field.MetadataToken)
            .Select(field => (
                field.GetCustomAttribute<SettingWordAttribute>()?.Word ?? field.Name.ToLowerInvariant(), field.GetValue(null)));
}
