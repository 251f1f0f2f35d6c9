using Estream.Crypto;
using Estream.Host.Widgets;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/widgets</c> lists the widgets and themes of the workspace, and those that the host refuses.
/// <c>GET /api/widgets/{scope}/{name}/{version}/files/{path}</c> returns the bundle or an image of a widget. Neither contains data of the
/// host, so tokens with scopes read both; the data of a widget comes from the client protocol, which checks scopes.
/// </summary>
internal static class WidgetEndpoint
{
    public static void MapWidgets(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/widgets", ListAsync).For(AccessRole.Viewer, checksScopes: true);
        app.MapGet("/api/widgets/{scope}/{name}/{version}/files/{**path}", FileAsync).For(AccessRole.Viewer, checksScopes: true);
    }

    private static Task ListAsync(HttpContext context, WidgetCatalogue catalogue)
    {
        WidgetSnapshot current = catalogue.Current;
        if (current.Failure is { } failure)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status409Conflict, failure);
        }

        context.Response.Headers.CacheControl = "private, no-cache";
        return EntityTags.IsUnchanged(context, current.Tag) ? Task.CompletedTask : JsonBody.SendAsync(context, current.Json);
    }

    private static Task FileAsync(
        HttpContext context, WidgetCatalogue catalogue, string scope, string name, string version, string path)
    {
        WidgetSnapshot current = catalogue.Current;
        string component = $"{scope}/{name}";
        if (!current.Widgets.TryGetValue(component, out ServedWidget? widget))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound, current.WhyNot(component));
        }

        if (widget.Version != version || !widget.Files.TryGetValue(path, out ReadOnlyMemory<byte> file))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                $"The host serves no such file: {component} {widget.Version} is installed, of which the host serves the bundle, the icon, "
                + "the thumbnail and the screenshots.");
        }

        string type = TypeOf(path);
        if (type == "image/svg+xml")
        {
            SecurityHeaders.AddForDrawing(context.Response.Headers);
        }

        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        ReadOnlyMemory<byte> body = CompressedBody.Compress(context, file);
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static string TypeOf(string path) => Path.GetExtension(path) switch
    {
        // Not as a script, which any page of the console could load: the page passes the text to a frame.
        ".js" => "text/plain; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        _ => "application/octet-stream",
    };
}
