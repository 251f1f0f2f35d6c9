using System.Globalization;

namespace Estream.Host.Configuration;

/// <summary>A retention time: days, hours or minutes, unlimited, or as the schemas define.</summary>
internal sealed class AgeSchema : ScalarSchema
{
    /// <summary>The retention defined by the schemas.</summary>
    public const string BySchema = "schema";

    /// <summary>No retention limit.</summary>
    public const string ForEver = "forever";

    private const int MaxMinutes = 36_525 * 24 * 60;

    private readonly bool _allowsSchema;

    private AgeSchema(bool allowsSchema) => _allowsSchema = allowsSchema;

    public static AgeSchema Instance { get; } = new(allowsSchema: true);

    /// <summary>A time that schemas do not define.</summary>
    public static AgeSchema WithoutSchema { get; } = new(allowsSchema: false);

    public override string Expectation => _allowsSchema
        ? $"a time such as 90d, 12h or 30m, \"{ForEver}\", or \"{BySchema}\""
        : $"a time such as 90d, 12h or 30m, or \"{ForEver}\"";

    /// <summary>Parses a text accepted by this schema, other than <see cref="BySchema"/>.</summary>
    /// <returns>The time; zero for unlimited, as in <see cref="Queue.QueueOptions.RetainedAge"/>.</returns>
    public static TimeSpan Parse(string text) => TryParse(text, out TimeSpan age)
        ? age
        : throw new ArgumentException($"'{text}' is not a valid age.", nameof(text));

    protected override bool Accepts(string text) => (_allowsSchema && text == BySchema) || TryParse(text, out _);

    private static bool TryParse(string text, out TimeSpan age)
    {
        age = TimeSpan.Zero;
        if (text == ForEver)
        {
            return true;
        }

        int unit = text.Length == 0 ? 0 : text[^1] switch { 'd' => 24 * 60, 'h' => 60, 'm' => 1, _ => 0 };
        if (unit == 0 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count is 0 or > MaxMinutes || count * unit > MaxMinutes)
        {
            return false;
        }

        age = TimeSpan.FromMinutes(count * unit);
        return true;
    }
}
