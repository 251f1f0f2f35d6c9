using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Estream.Host.Http;

/// <summary>
/// Serves the console that is built into <c>wwwroot</c>. A browser that opens an address of a page, such as <c>/queues/orders</c>, gets
/// <c>index.html</c>, which shows the page. The build writes a compressed file next to each file (<c>.br</c>, <c>.gz</c>).
/// </summary>
internal static class ConsoleFiles
{
    private const string Page = "/index.html";

    /// <summary>The folder of built files. Their names contain a hash of the content, so browsers may cache them indefinitely.</summary>
    private const string HashedFiles = "/assets";

    private const string Missing =
        "The console is not part of this build. Run npm ci && npm run build in console/, then build the host again. The REST API is at "
        + "/api/overview.\n";

    /// <summary>The paths that are not pages of the console.</summary>
    private static readonly string[] s_otherPaths =
        ["/api", "/health", "/metrics", "/registry", "/cp", "/widgets/frame", "/widgets/proxy", "/mcp", HashedFiles];

    public static void UseConsole(this WebApplication app)
    {
        string root = app.Environment.WebRootPath ?? Path.Combine(app.Environment.ContentRootPath, "wwwroot");
        if (!File.Exists(Path.Combine(root, "index.html")))
        {
            app.MapGet("/", static () => Results.Text(Missing)).For(AccessRole.None);
            return;
        }

        PhysicalFileProvider files = new(root);
        app.Use((context, next) =>
        {
            if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            {
                context.Request.Path = FileOf(context.Request, files);
            }

            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            ContentTypeProvider = new PlainTypes(),
            OnPrepareResponse = static prepared => Prepare(prepared.Context.Response, prepared.File.Name),
        });
    }

    /// <summary>Returns the path of the file that answers a request; the path of the request if it names no file.</summary>
    private static PathString FileOf(HttpRequest request, PhysicalFileProvider files)
    {
        string path = request.Path.Value ?? "/";
        if (CompressedBody.CodingOf(path) is not null && files.GetFileInfo(path).Exists)
        {
            // Only the header Accept-Encoding selects a compressed file.
            return path + "/";
        }

        bool isFile = files.GetFileInfo(path).Exists;
        if (!isFile && (path == "/" || IsPage(request)))
        {
            (path, isFile) = (Page, true);
        }

        string? ending = isFile ? CompressedBody.Chosen(request) : null;
        return ending is not null && files.GetFileInfo(path + ending).Exists ? path + ending : path;
    }

    private static bool IsPage(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && !s_otherPaths.Any(other => request.Path.StartsWithSegments(other));

    private static void Prepare(HttpResponse response, string file)
    {
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (CompressedBody.CodingOf(file) is { } coding)
        {
            response.Headers.ContentEncoding = coding;
        }

        response.Headers.CacheControl = response.HttpContext.Request.Path.StartsWithSegments(HashedFiles, StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
    }

    /// <summary>Gives a compressed file the content type of its uncompressed content.</summary>
    private sealed class PlainTypes : IContentTypeProvider
    {
        private readonly FileExtensionContentTypeProvider _types = new();

        public bool TryGetContentType(string subpath, [MaybeNullWhen(false)] out string contentType) => _types.TryGetContentType(
            CompressedBody.CodingOf(subpath) is null ? subpath : Path.ChangeExtension(subpath, null), out contentType);
    }
}
