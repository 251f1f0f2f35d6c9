using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Witness;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/queues/{name}/messages?from=&amp;to=&amp;limit=&amp;schema=&amp;filter=&amp;lattice=&amp;path=&amp;direction=</c> searches a
/// queue and answers with lines of JSON while it searches. <c>GET /api/queues/{name}/export</c> returns a range as a file.
/// <c>GET /api/queues/{name}/messages/{sequence}</c> returns one message.
/// </summary>
internal static class MessageSearchEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const int MaxExported = 1_000_000;
    private const string LinesType = "application/x-ndjson; charset=utf-8";

    public static void MapSearches(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/queues/{name}/export", ExportAsync).For(AccessRole.Viewer, checksScopes: true).IsSearch();
        app.MapGet("/api/queues/{name}/messages/{sequence:long}", OneAsync).For(AccessRole.Viewer, checksScopes: true);
    }

    /// <summary>Answers with messages, progress and an end, one a line.</summary>
    public static Task SearchAsync(HttpContext context, IHostView view, string name)
    {
        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        return RunAsync(context, view, name, new SearchTerms(default, null, false, limit, MessageBudget.Answer.TotalBytes,
            MessageFilter.None, null, IsWrapped: true));
    }

    private static Task ExportAsync(HttpContext context, IHostView view, string name) => RunAsync(context, view, name,
        new SearchTerms(default, null, false, MaxExported, long.MaxValue, MessageFilter.None, null, IsWrapped: false));

    private static async Task RunAsync(HttpContext context, IHostView view, string name, SearchTerms terms)
    {
        if (!view.Access.MayRead(RoleMiddleware.IdentityOf(context)!, name) || view.Queue(name) is not { } queue)
        {
            await QueueEndpoint.UnknownAsync(context, view, name).ConfigureAwait(false);
            return;
        }

        MessageSearch search;
        try
        {
            search = queue.Search(TermsOf(context, queue, terms));
        }
        catch (Exception invalid) when (invalid is ArgumentException or RemoteRefusalException)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, invalid.Message).ConfigureAwait(false);
            return;
        }
        catch (EstreamException damaged)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status409Conflict, damaged.Message).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = LinesType;
        if (!terms.IsWrapped)
        {
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{Uri.EscapeDataString(name)}.ndjson\"";
        }

        await context.RequestServices.GetRequiredService<SearchRunner>().RunAsync(context, view, name, search, terms.IsWrapped)
            .ConfigureAwait(false);
    }

    private static SearchTerms TermsOf(HttpContext context, IQueueView queue, SearchTerms terms)
    {
        IQueryCollection query = context.Request.Query;
        string direction = query["direction"].ToString();
        if (direction is not ("" or "forward" or "backward"))
        {
            throw new ArgumentException("direction must be forward or backward.");
        }

        if (direction == "backward" && !terms.IsWrapped)
        {
            throw new ArgumentException("An export has older messages first, so direction must not be backward. Remove direction.");
        }

        if (direction == "backward" && query["to"] is [{ Length: > 0 }, ..])
        {
            throw new ArgumentException("to is only for the direction forward: a backward search ends at the oldest message. Remove to.");
        }

        if (!MessagePatterns.TryRead(context, out MessagePatterns patterns, out string? reason))
        {
            throw new ArgumentException(reason);
        }

        return terms with
        {
            From = query["from"] is [{ } from, ..] ? PointOf("from", from) : new SeekPoint(SeekKind.Sequence, 0),
            To = query["to"] is [{ Length: > 0 } to, ..] ? PointOf("to", to) : null,
            IsBackward = direction == "backward",
            Filter = MessageFilter.Create(context.RequestServices.GetRequiredService<HostConfiguration>().Schemas,
                query["schema"].ToString(), query["filter"].ToString()),
            Patterns = queue.FilterOf(patterns),
        };
    }

    private static SeekPoint PointOf(string name, string text) => SeekPoint.TryParse(text, out SeekPoint point)
        ? point
        : throw new ArgumentException(
            $"{name} must be seq:N, time:T with nanoseconds since 1970 or ISO 8601, position:P, or last:N.");

    private static Task OneAsync(HttpContext context, IHostView view, string name, long sequence)
    {
        if (!view.Access.MayRead(RoleMiddleware.IdentityOf(context)!, name) || view.Queue(name) is not { } queue)
        {
            return QueueEndpoint.UnknownAsync(context, view, name);
        }

        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer, JsonBody.Options);
        writer.WriteStartObject();
        try
        {
            if (!queue.TryWriteOne(sequence, writer))
            {
                return NoMessageAsync(context, sequence);
            }
        }
        catch (Exception missing) when (missing is ArgumentException or EstreamStorageException { Reason: StorageFailure.NotFound })
        {
            return NoMessageAsync(context, sequence);
        }
        catch (EstreamException damaged)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status409Conflict, damaged.Message);
        }

        writer.WriteBoolean("witnessed"u8, IsWitnessed(view, name, sequence));
        writer.WriteEndObject();
        writer.Flush();
        return JsonBody.SendAsync(context, buffer.WrittenMemory);
    }

    private static Task NoMessageAsync(HttpContext context, long sequence) => Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
        string.Create(CultureInfo.InvariantCulture,
            $"The queue has no message {sequence}: retention has deleted it, or it was not appended yet."));

    private static bool IsWitnessed(IHostView view, string name, long sequence)
    {
        try
        {
            return view.Witness(name)?.Last(1) is [{ } last] && last.FirstSequence <= sequence && sequence <= last.LastSequence;
        }
        catch (EstreamWitnessException)
        {
            // The queue does not match its attestations. The proof of the message reports the reason.
            return false;
        }
    }
}
