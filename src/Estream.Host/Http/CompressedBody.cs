using System.IO.Compression;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Estream.Host.Http;

/// <summary>Compresses responses with Brotli or gzip, as the request permits.</summary>
internal static class CompressedBody
{
    /// <summary>A shorter response is not compressed.</summary>
    public const int MinBytes = 1024;

    private const string Brotli = ".br";
    private const string Gzip = ".gz";

    /// <summary>Returns the file name ending of the coding that a request prefers; null if it accepts neither.</summary>
    public static string? Chosen(HttpRequest request)
    {
        StringValues accepted = request.Headers.AcceptEncoding;
        if (StringValues.IsNullOrEmpty(accepted) || !StringWithQualityHeaderValue.TryParseList(accepted, out var codings))
        {
            return null;
        }

        bool Accepts(string coding) =>
            codings.Any(one => one.Quality is not 0 && one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase));
        return Accepts("br") ? Brotli : Accepts("gzip") ? Gzip : null;
    }

    /// <summary>Returns the value of <c>Content-Encoding</c> for a compressed file; null for other files.</summary>
    public static string? CodingOf(string file) => file.EndsWith(Brotli, StringComparison.OrdinalIgnoreCase) ? "br"
        : file.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase) ? "gzip"
        : null;

    /// <summary>Returns a whole response, compressed if it is long and the request permits it. Sets the headers of the response.</summary>
    public static ReadOnlyMemory<byte> Compress(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (body.Length < MinBytes)
        {
            return body;
        }

        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (Chosen(context.Request) is not { } ending)
        {
            return body;
        }

        MemoryStream compressed = new(body.Length / 4);
        using (Stream coder = ending == Brotli
            ? new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            coder.Write(body.Span);
        }

        context.Response.Headers.ContentEncoding = CodingOf(ending);
        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }
}
