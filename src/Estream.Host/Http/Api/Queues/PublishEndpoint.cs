using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Remote;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary>
/// <c>POST /api/queues/{name}/messages</c> with <c>{"schema","message"}</c> appends a message. <c>PUT /api/queues/{name}/pause</c> makes
/// adapters and clients stop writing a queue, <c>PUT /api/queues/{name}/resume</c> lets them continue.
/// </summary>
internal static class PublishEndpoint
{
    private const int MaxBodyBytes = 1 << 20;

    public static void MapPublish(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/queues/{name}/messages", PublishAsync).For(AccessRole.Operator, checksScopes: true).TakesBody(MaxBodyBytes);
        app.MapPut("/api/queues/{name}/pause", static (HttpContext context, IHostView view, string name) =>
            PauseAsync(context, view, name, RoleMiddleware.IdentityOf(context)!.Name)).For(AccessRole.Operator);
        app.MapPut("/api/queues/{name}/resume", static (HttpContext context, IHostView view, string name) =>
            PauseAsync(context, view, name, by: null)).For(AccessRole.Operator);
    }

    /// <summary>Why the caller may not append a message to a queue; null if the caller may.</summary>
    public static string? WhyNot(HttpContext context, IHostView view, string name) =>
        view.Access.WhyNotAppend(RoleMiddleware.IdentityOf(context)!, name)
            ?? context.RequestServices.GetRequiredService<QueueOperator>().WhyNot(name);

    private static async Task PublishAsync(HttpContext context, IHostView view, string name)
    {
        Identity identity = RoleMiddleware.IdentityOf(context)!;
        QueueOperator queues = context.RequestServices.GetRequiredService<QueueOperator>();
        string? refusal = WhyNot(context, view, name);
        if ((refusal is not null && !view.Access.MayRead(identity, name)) || view.Queue(name) is null)
        {
            await QueueEndpoint.UnknownAsync(context, view, name).ConfigureAwait(false);
            return;
        }

        if (refusal is not null)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status403Forbidden, refusal).ConfigureAwait(false);
            return;
        }

        using JsonDocument? body = await JsonRequest.ReadAsync(context).ConfigureAwait(false);
        if (body is null)
        {
            return;
        }

        try
        {
            byte[] message = MessageEncoder.Encode(context.RequestServices.GetRequiredService<HostConfiguration>().Schemas,
                JsonRequest.Text(body.RootElement, "schema") ?? "",
                body.RootElement.TryGetProperty("message", out JsonElement content) ? content : throw new ArgumentException(
                    "The member message is missing."), queues.MaxBytesOf(name));
            PublishAnswer answer = await queues.AppendAsync(name, message, context.RequestAborted).ConfigureAwait(false);
            AuditTrail.Describe(context, $"message {answer.Sequence}");
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Location = $"/api/queues/{Uri.EscapeDataString(name)}/messages/{answer.Sequence}";
            await JsonBody.SendAsync(context, answer, ApiJson.Default.PublishAnswer).ConfigureAwait(false);
        }
        catch (ArgumentException invalid)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, invalid.Message).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is EstreamException or RemoteRefusalException)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, failure.Message).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The host is stopping, or the queue was removed.")
                .ConfigureAwait(false);
        }
    }

    private static Task PauseAsync(HttpContext context, IHostView view, string name, string? by)
    {
        if (view.Describe(name) is null)
        {
            return QueueEndpoint.UnknownAsync(context, view, name);
        }

        return context.RequestServices.GetRequiredService<QueueOperator>().Pause(name, by) is { } reason
            ? Answer.ErrorAsync(context, StatusCodes.Status409Conflict, reason)
            : JsonBody.SendAsync(context, view.Describe(name)!, ApiJson.Default.QueueDetail);
    }
}

/// <summary>Where a message was stored. <paramref name="Time"/> is in nanoseconds since 1970-01-01 UTC.</summary>
internal sealed record PublishAnswer(long Position, long Sequence, long Time);
