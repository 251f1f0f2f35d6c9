using System.Diagnostics.CodeAnalysis;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>
/// Decides which endpoints subscriptions may notify: those below a permitted URL. Compares parsed URLs, because a prefix of the text says
/// nothing about the host and path of a request. Immutable and thread-safe.
/// </summary>
/// <param name="prefixes">The permitted URLs; <see cref="FhirServerChecks"/> has checked them.</param>
internal sealed class EndpointRules(IReadOnlyList<string> prefixes)
{
    // A server can decode these to path separators and dots after this check.
    private static readonly string[] s_ambiguous = ["%2e", "%2f", "%5c"];

    private readonly Uri[] _prefixes = [.. prefixes.Select(prefix => new Uri(prefix))];

    /// <summary>Whether any endpoint is permitted.</summary>
    public bool HasAny => _prefixes.Length > 0;

    /// <summary>Reads an endpoint. The caller sends requests to the returned URL only.</summary>
    /// <returns>False if the endpoint is not a URL, has user info, or is not below a permitted URL.</returns>
    public bool TryPermit(string endpoint, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out url) && IsPermitted(url);

    /// <summary>Whether a request may be sent to a URL.</summary>
    public bool IsPermitted(Uri url) => url.UserInfo.Length == 0
        && !s_ambiguous.Any(text => url.AbsolutePath.Contains(text, StringComparison.OrdinalIgnoreCase))
        && _prefixes.Any(prefix => url.Scheme == prefix.Scheme && url.IdnHost == prefix.IdnHost && url.Port == prefix.Port
            && IsBelow(url.AbsolutePath, prefix.AbsolutePath));

    /// <summary>Whether a path is a permitted path or below it, so that <c>/hooks</c> does not permit <c>/hooks-other</c>.</summary>
    private static bool IsBelow(string path, string permitted) => path.StartsWith(permitted, StringComparison.Ordinal)
        && (permitted.EndsWith('/') || path.Length == permitted.Length || path[permitted.Length] == '/');
}
