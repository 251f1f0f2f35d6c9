using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Resources;

/// <summary>
/// The URLs that name a server. Every comparison of references uses them, so that an absolute reference to a resource of the server is the
/// same as the relative one. They come from settings and from the address of the server, never from the header Host, which a client
/// chooses. Immutable and thread-safe.
/// </summary>
internal sealed class ServerUrls
{
    private readonly (Uri Url, string[] Path)[] _urls;

    /// <param name="urls">Absolute URLs; relative references are resolved against the first.</param>
    public ServerUrls(params IEnumerable<string> urls) =>
        _urls = [.. urls.Distinct(StringComparer.Ordinal).Select(url => new Uri(url.EndsWith('/') ? url : url + "/"))
            .Select(url => (url, SegmentsOf(url.AbsolutePath)))];

    /// <summary>A server that no URL names.</summary>
    public static ServerUrls None { get; } = new();

    /// <summary>Returns a reference to a resource of this server as in <c>Patient/23</c>: relative, and without a version, query and
    /// fragment. Other references only lose their version. Does not throw.</summary>
    public string Normalize(string reference)
    {
        if (FhirReference.TryParseRelative(Encoding.UTF8.GetBytes(reference), out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> id))
        {
            return type.Length + 1 + id.Length == reference.Length ? reference : reference[..(type.Length + 1 + id.Length)];
        }

        return TryResolve(reference, out Uri? url) && TryCut(url, out ReadOnlySpan<string> path)
            ? ResourceOf(path) ?? reference
            : WithoutVersion(reference);
    }

    /// <summary>Returns the part of a URL below this server, as in <c>Patient/23?x=y</c>; other URLs unchanged. Does not throw.</summary>
    public string PathOf(string url)
    {
        // The query stays as it is: a '#' in it is not a fragment.
        int query = url.IndexOf('?', StringComparison.Ordinal);
        string place = query < 0 ? url : url[..query];
        return place.Contains(':', StringComparison.Ordinal) && TryResolve(place, out Uri? parsed)
            && TryCut(parsed, out ReadOnlySpan<string> path)
            ? string.Join('/', path.ToArray().Select(Uri.EscapeDataString)) + url[place.Length..] : url;
    }

    /// <summary>Resolves a reference against the first URL (RFC 3986, section 5).</summary>
    private bool TryResolve(string reference, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        return _urls.Length > 0 && reference.Length > 0 && reference[0] != '#' && !reference.StartsWith("urn:", StringComparison.Ordinal)
            && Uri.TryCreate(_urls[0].Url, reference, out url) && url.Scheme is "http" or "https";
    }

    private bool TryCut(Uri url, out ReadOnlySpan<string> path)
    {
        string[] all = SegmentsOf(url.AbsolutePath);
        foreach ((Uri own, string[] start) in _urls)
        {
            if (IsSameServer(url, own) && all.AsSpan().StartsWith(start))
            {
                path = all.AsSpan(start.Length);
                return true;
            }
        }

        path = default;
        return false;
    }

    // A server can be reached by HTTP and HTTPS. The names of loopback are one machine.
    private static bool IsSameServer(Uri one, Uri other) =>
        (one.Port == other.Port || (one.IsDefaultPort && other.IsDefaultPort))
        && ((one.IsLoopback && other.IsLoopback)
            || string.Equals(HostOf(one).TrimEnd('.'), HostOf(other).TrimEnd('.'), StringComparison.OrdinalIgnoreCase));

    private static string HostOf(Uri url)
    {
        try
        {
            return url.IdnHost;
        }
        catch (FormatException)
        {
            // The name has no form for DNS, as one that mixes directions of writing.
            return url.Host;
        }
    }

    private static string WithoutVersion(string reference)
    {
        int version = reference.IndexOf("/_history/", StringComparison.Ordinal);
        return version < 0 ? reference : reference[..version];
    }

    // As the HTTP server reads a path: empty segments do not count, and an escaped '/' separates nothing.
    private static string[] SegmentsOf(string path) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];

    private static string? ResourceOf(ReadOnlySpan<string> path) =>
        (path.Length == 2 || (path.Length > 2 && path[2] == "_history"))
            && FhirReference.IsType(Encoding.UTF8.GetBytes(path[0])) && FhirPrimitives.IsId(Encoding.UTF8.GetBytes(path[1]))
            ? $"{path[0]}/{path[1]}" : null;
}
