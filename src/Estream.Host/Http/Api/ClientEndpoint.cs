using System.IO.Pipelines;
using System.Net.WebSockets;
using Estream.Crypto;
using Estream.Host.Remote;
using Microsoft.AspNetCore.Connections;

namespace Estream.Host.Http;

/// <summary><c>GET /api/client</c> with an upgrade to WebSocket carries the frames of docs/formats/client.md, for browsers.</summary>
internal static class ClientEndpoint
{
    public static void MapClients(this IEndpointRouteBuilder app, AccessControl access) =>
        app.MapGet("/api/client", context => ServeAsync(context, access)).For(AccessRole.None).HasOwnLimit();

    private static async Task ServeAsync(HttpContext context, AccessControl access)
    {
        if (context.RequestServices.GetService<RemoteServer>() is not { } server || !context.WebSockets.IsWebSocketRequest)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "This address serves WebSocket clients only.")
                .ConfigureAwait(false);
            return;
        }

        if (!IsSameOrigin(context.Request))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status403Forbidden, "Pages of other sites are refused.").ConfigureAwait(false);
            return;
        }

        Credentials presented = access.CredentialsOf(context);
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        Stream stream = WebSocketStream.Create(socket, WebSocketMessageType.Binary, closeTimeout: RemoteServer.DrainLimit);
        await using (stream.ConfigureAwait(false))
        {
            DuplexPipe pipe = new(PipeReader.Create(stream), PipeWriter.Create(stream));
            string origin = HttpListeners.Of(context) == Listener.Socket ? "socket" : $"{context.Connection.RemoteIpAddress}";
            RemotePeer peer = new(origin, () => access.Identify(presented))
            {
                Address = context.Connection.RemoteIpAddress,
                IsWebSocket = true,
                CloseOutputAsync = () => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None),
            };
            await server.ServeAsync(pipe, peer, context.Abort).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the request is from a page of this host, or from a program. Browsers send WebSocket requests of all sites, with the
    /// cookies of this host.</summary>
    private static bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin.Count == 0
        || (Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out Uri? origin)
            && string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
