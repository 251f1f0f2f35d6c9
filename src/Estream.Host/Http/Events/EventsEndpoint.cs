using Estream.Crypto;
using Estream.Host.Widgets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Estream.Host.Http;

/// <summary><c>GET /api/events?messages=true</c>: the event stream of the console. With <c>messages=false</c>, the stream has
/// only overviews.</summary>
internal static class EventsEndpoint
{
    /// <summary>The write timeout. A client that accepts nothing for this long is gone or hostile; its connection is aborted.</summary>
    private static readonly TimeSpan s_writeLimit = TimeSpan.FromSeconds(15);

    public static void MapEvents(this IEndpointRouteBuilder app, AccessControl access, CancellationToken stopping) =>
        app.MapGet("/api/events", (HttpContext context, EventHub hub, IHostView view, WidgetCatalogue widgets) =>
            StreamAsync(context, hub, access, view, widgets, stopping))
            .For(AccessRole.Viewer, checksScopes: true).HasOwnLimit();

    private static async Task StreamAsync(
        HttpContext context, EventHub hub, AccessControl access, IHostView view, WidgetCatalogue widgets, CancellationToken stopping)
    {
        bool readsMessages = true;
        if (context.Request.Query.ContainsKey("messages") && !bool.TryParse(context.Request.Query["messages"], out readsMessages))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "messages must be true or false.").ConfigureAwait(false);
            return;
        }

        using EventSubscription? subscription = hub.TryJoin(
            readsMessages, RoleMiddleware.IdentityOf(context)!.Name, context.Connection.RemoteIpAddress);
        if (subscription is null)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable,
                $"Too many consoles are connected. The maximum is {EventHub.MaxOfIdentity} for one token, {EventHub.MaxOfAddress} for one "
                + $"address and {EventHub.MaxClientCount} for the host. Close another console.").ConfigureAwait(false);
            return;
        }

        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // The data rate depends on the events; the timeout of each write detects a client that accepts nothing.
            rate.MinDataRate = null;
        }

        try
        {
            // Tell the client that it is connected before the first event.
            await WriteAsync(context, ": connected\n\n"u8.ToArray(), ended.Token).ConfigureAwait(false);
            if (widgets.HasWorkspace)
            {
                // After TryJoin: a change after this event is another event.
                await WriteAsync(context, EventFrame.Encode(EventKind.Widgets, widgets.Current.Event), ended.Token).ConfigureAwait(false);
            }

            while (true)
            {
                await subscription.WaitAsync(ended.Token).ConfigureAwait(false);
                if (access.Identify(context) is not { Role: >= AccessRole.Viewer } identity)
                {
                    // The token was revoked or has expired, or the browser has signed out.
                    return;
                }

                while (subscription.TryTake(out byte[]? frame))
                {
                    await WriteAsync(context, ScopedAnswers.Limit(frame, view, identity), ended.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed or the host is stopping; an event stream has no other end.
        }
        catch (TimeoutException)
        {
            context.Abort();
        }
    }

    private static async Task WriteAsync(HttpContext context, byte[] frame, CancellationToken cancellation)
    {
        await context.Response.Body.WriteAsync(frame, cancellation).AsTask().WaitAsync(s_writeLimit, cancellation).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellation).WaitAsync(s_writeLimit, cancellation).ConfigureAwait(false);
    }
}
