using System.Globalization;

namespace Estream.Host.Http;

/// <summary>Parses a bounded whole number of the query. A number out of range is an error; it is never clamped silently.</summary>
internal static class QueryNumber
{
    public static bool TryRead(HttpContext context, string name, int fallback, int maximum, out int value)
    {
        string? text = context.Request.Query[name];
        if (text is null)
        {
            value = fallback;
            return true;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= maximum;
    }

    /// <summary>Parses a required number that is 0 or more.</summary>
    public static bool TryReadFrom0(HttpContext context, string name, out long value) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static Task RefuseAsync(HttpContext context, string name, int maximum) =>
        Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"{name} must be a whole number from 1 to {maximum}.");
}
