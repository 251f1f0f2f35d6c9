using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Host.Widgets;

namespace Estream.Host.Http;

/// <summary><c>GET /widgets/frame</c>: the document in which the console runs a widget. The document needs no role, because it contains
/// neither data nor a widget; the page sends both to it.</summary>
internal static class FrameEndpoint
{
    private const int NonceBytes = 18;

    public static void MapFrame(this IEndpointRouteBuilder app) => app.MapGet("/widgets/frame", SendAsync).For(AccessRole.None);

    private static Task SendAsync(HttpContext context, WidgetCatalogue widgets)
    {
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        byte[] document = WidgetFrame.DocumentOf(nonce);
        widgets.CountFrame();
        SecurityHeaders.AddForFrame(context.Response.Headers, nonce);
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = document.Length;
        return context.Response.Body.WriteAsync(document, context.RequestAborted).AsTask();
    }
}
