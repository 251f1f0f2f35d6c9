namespace Estream.Wire;

/// <summary>The headers by which proxies mark the requests that they forward. A request with one of them is never local.</summary>
internal static class ForwardingHeaders
{
    /// <summary>The names of the headers.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];
}
