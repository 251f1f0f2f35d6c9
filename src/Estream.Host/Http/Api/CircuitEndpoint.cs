using Estream.Circuits;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/circuits/{name}</c> returns the elements of a circuit and the observation of its streams. <c>GET
/// /api/circuits/{name}/traces?output=NAME&amp;last=20</c> returns the newest traces. <c>PUT
/// /api/circuits/{name}/observation?output=NAME&amp;level=L3&amp;seconds=60</c> changes the observation level.
/// </summary>
/// <remarks>The request that changes state is a PUT, so a page of another site needs a CORS preflight, which is never granted.</remarks>
internal static class CircuitEndpoint
{
    private const int DefaultCount = 20;
    private const int MaxCount = 1_000;
    private const int MaxSeconds = 24 * 3_600;

    public static void MapCircuits(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/circuits/{name}", DescribeAsync).For(AccessRole.Viewer);
        app.MapGet("/api/circuits/{name}/traces", TracesAsync).For(AccessRole.Viewer);
        app.MapPut("/api/circuits/{name}/observation", ObserveAsync).For(AccessRole.Operator);
    }

    private static Task DescribeAsync(HttpContext context, IHostView view, string name) => view.Circuit(name) is { } circuit
        ? JsonBody.SendAsync(context, CircuitDetail.Of(circuit), ApiJson.Default.CircuitDetail)
        : UnknownAsync(context);

    private static Task TracesAsync(HttpContext context, IHostView view, string name)
    {
        if (view.Circuit(name) is not { } circuit)
        {
            return UnknownAsync(context);
        }

        if (StreamsOf(circuit, context) is not { } streams)
        {
            return UnknownOutputAsync(context, circuit);
        }

        TraceOverview[] NewestFirst(int count) =>
            [.. streams.SelectMany(stream => stream.Recent).OrderByDescending(trace => trace.BeganAt).Take(count).Select(TraceOverview.Of)];
        return QueryNumber.TryRead(context, "last", DefaultCount, MaxCount, out int count)
            ? JsonBody.SendAsync(context, NewestFirst(count), ApiJson.Default.TraceOverviewArray)
            : QueryNumber.RefuseAsync(context, "last", MaxCount);
    }

    private static Task ObserveAsync(HttpContext context, IHostView view, string name)
    {
        if (view.Circuit(name) is not { } circuit)
        {
            return UnknownAsync(context);
        }

        if (StreamsOf(circuit, context) is not { } streams)
        {
            return UnknownOutputAsync(context, circuit);
        }

        if (!Levels.TryParse(context.Request.Query["level"], out ObservationLevel level))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"level must be one of {string.Join(", ", Levels.All)}.");
        }

        // Without seconds, the change is permanent.
        if (!QueryNumber.TryRead(context, "seconds", 0, MaxSeconds, out int seconds))
        {
            return QueryNumber.RefuseAsync(context, "seconds", MaxSeconds);
        }

        foreach (StreamObservation stream in streams)
        {
            stream.Observe(level, seconds == 0 ? null : TimeSpan.FromSeconds(seconds));
        }

        return DescribeAsync(context, view, name);
    }

    // The streams of the output named in the request, or of all outputs if the request names none. Null if no output has the name.
    private static StreamObservation[]? StreamsOf(RunningCircuit circuit, HttpContext context)
    {
        string? output = context.Request.Query["output"];
        StreamObservation[] streams = [.. circuit.Observations.Where(stream => string.IsNullOrEmpty(output) || stream.Output == output)];
        return streams.Length > 0 ? streams : null;
    }

    private static Task UnknownAsync(HttpContext context) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no circuit with this name. /api/overview lists all circuits.");

    private static Task UnknownOutputAsync(HttpContext context, RunningCircuit circuit) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
            "The circuit has no output with this name. Its outputs are "
            + $"{string.Join(", ", circuit.Observations.Select(stream => stream.Output))}.");
}
