using System.Globalization;

namespace Estream.Host.Http;

/// <summary>Reads a bounded whole number from the query; out of bounds is the caller's mistake, never silently clamped.</summary>
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

    /// <summary>Reads a number that has to be there, and has no other bounds than that it is none below 0.</summary>
    public static bool TryReadFrom0(HttpContext context, string name, out long value) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static Task RefuseAsync(HttpContext context, string name, int maximum) =>
        Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"{name} is a whole number from 1 to {maximum}.");
}
