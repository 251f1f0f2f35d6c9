using System.Globalization;
using System.Text.Json;
using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/history/series?search=</c> lists the recorded series. <c>GET /api/history?series=&amp;from=&amp;to=&amp;step=</c> returns
/// the values of up to 20 series: of each step the least value, the mean and the greatest value, or null while nothing was recorded.
/// </summary>
internal static class HistoryEndpoint
{
    private const int MaxSeries = 20;
    private const int MaxStepSeconds = 7 * 24 * 3_600;
    private const int DefaultRangeMs = 3_600_000;
    private const int MillisPerSecond = 1_000;

    // The year 9999, in milliseconds.
    private const long MaxMs = 253_402_300_799_999;

    public static void MapHistory(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/history/series", static (HttpContext context, IHostView view) => view.History is { } history
            ? JsonBody.SendAsync(context, SeriesOf(context, view, history), ApiJson.Default.SeriesOverviewArray)
            : RefuseAsync(context)).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/history", HandleAsync).For(AccessRole.Viewer, checksScopes: true);
    }

    private static Task HandleAsync(HttpContext context, IHostView view)
    {
        if (view.History is not { } history)
        {
            return RefuseAsync(context);
        }

        string?[] names = [.. context.Request.Query["series"]];
        if (names.Length is 0 or > MaxSeries)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"Name 1 to {MaxSeries} series, such as series=host/cpu.");
        }

        Dictionary<string, SeriesInfo> known = Readable(context, view, history).ToDictionary(info => info.Name, StringComparer.Ordinal);
        if (Array.Find(names, name => !known.ContainsKey(name ?? "")) is { } unknown)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                $"There is no series '{unknown}'. /api/history/series lists all series.");
        }

        if (!TryReadTime(context, "to", history.Now * MillisPerSecond, out long to)
            || !TryReadTime(context, "from", Math.Max(0, to - DefaultRangeMs), out long from))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest,
                "from and to must be times in milliseconds since 1970-01-01 UTC.");
        }

        if (!QueryNumber.TryRead(context, "step", 0, MaxStepSeconds, out int step))
        {
            return QueryNumber.RefuseAsync(context, "step", MaxStepSeconds);
        }

        return HistoryRange.TryCreate(history, from, to, step == 0 ? null : step, out HistoryRange? range, out string? reason)
            ? JsonBody.SendAsync(context, writer => Write(writer, history, range, [.. names.Select(name => known[name!])]))
            : Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, reason);
    }

    private static IEnumerable<SeriesInfo> Readable(HttpContext context, IHostView view, HistoryRecorder history)
    {
        Identity identity = RoleMiddleware.IdentityOf(context)!;
        return history.List().Where(info => info.IsReadableBy(identity, view.Access));
    }

    private static SeriesOverview[] SeriesOf(HttpContext context, IHostView view, HistoryRecorder history)
    {
        string search = context.Request.Query["search"].ToString();
        return
        [
            .. Readable(context, view, history).Where(info => info.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
                .Select(info => new SeriesOverview(info.Name, info.Title, info.Unit, info.Kind, info.Part)),
        ];
    }

    private static void Write(Utf8JsonWriter writer, HistoryRecorder history, HistoryRange range, SeriesInfo[] series)
    {
        writer.WriteStartObject();
        writer.WriteNumber("from"u8, range.From * MillisPerSecond);
        writer.WriteNumber("to"u8, range.To * MillisPerSecond);
        writer.WriteNumber("step"u8, range.Step);
        writer.WriteStartArray("series"u8);
        foreach (SeriesInfo info in series)
        {
            SeriesPoint[] points = history.Read(info.Name, range);
            writer.WriteStartObject();
            writer.WriteString("name"u8, info.Name);
            writer.WriteString("unit"u8, info.Unit);
            writer.WriteStartArray("times"u8);
            for (int i = 0; i < points.Length; i++)
            {
                writer.WriteNumberValue((range.From + ((long)i * range.Step)) * MillisPerSecond);
            }

            writer.WriteEndArray();
            WriteValues(writer, "min", points, static point => point.Min);
            WriteValues(writer, "mean", points, static point => point.Mean);
            WriteValues(writer, "max", points, static point => point.Max);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter writer, string name, SeriesPoint[] points, Func<SeriesPoint, float> value)
    {
        writer.WriteStartArray(name);
        foreach (SeriesPoint point in points)
        {
            if (point.Count == 0)
            {
                writer.WriteNullValue();
            }
            else
            {
                writer.WriteNumberValue(value(point));
            }
        }

        writer.WriteEndArray();
    }

    private static bool TryReadTime(HttpContext context, string name, long fallback, out long value)
    {
        value = fallback;
        return context.Request.Query[name].ToString() is not { Length: > 0 } text
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= MaxMs);
    }

    private static Task RefuseAsync(HttpContext context) => Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
        "This host keeps no history, or is not active. Set Estream:History:Enabled to true.");
}

/// <summary>A series of <c>/api/history/series</c>; see <see cref="SeriesInfo"/>.</summary>
internal sealed record SeriesOverview(string Name, string Title, string Unit, string Kind, string Part);
