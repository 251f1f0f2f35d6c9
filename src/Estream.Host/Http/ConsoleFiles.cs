using Estream.Crypto;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Estream.Host.Http;

/// <summary>Serves the console that is built into <c>wwwroot</c>.</summary>
internal static class ConsoleFiles
{
    /// <summary>The folder of built files. Their names contain a hash of the content, so browsers may cache them indefinitely.</summary>
    private const string HashedFiles = "/assets";

    private const string Missing =
        "The console is not part of this build. Run npm ci && npm run build in console/, then build the host again. The REST API is at "
        + "/api/overview.\n";

    public static void UseConsole(this WebApplication app)
    {
        string root = app.Environment.WebRootPath ?? Path.Combine(app.Environment.ContentRootPath, "wwwroot");
        if (!File.Exists(Path.Combine(root, "index.html")))
        {
            app.MapGet("/", static () => Results.Text(Missing)).For(AccessRole.None);
            return;
        }

        PhysicalFileProvider files = new(root);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = static prepared => prepared.Context.Response.Headers[HeaderNames.CacheControl] =
                prepared.Context.Request.Path.StartsWithSegments(HashedFiles, StringComparison.Ordinal)
                    ? "public, max-age=31536000, immutable"
                    : "no-cache",
        });
    }
}
