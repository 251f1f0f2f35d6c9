using System.Net;
using Microsoft.AspNetCore.HostFiltering;

namespace Estream.Host.Http;

/// <summary>
/// Which Host headers are answered. Bound to loopback the console trusts whoever reaches it, and a web page
/// anywhere can reach it once its own name resolves to 127.0.0.1 (DNS rebinding): only names that cannot be
/// rebound are answered. Bound wider, the token protects, and a browser never sends it to a foreign name.
/// </summary>
internal static class HostNames
{
    public static void Configure(HostFilteringOptions options, IPAddress address)
    {
        options.AllowEmptyHosts = false;
        options.IncludeFailureMessage = false;
        options.AllowedHosts = IPAddress.IsLoopback(address) ? Loopback(address) : ["*"];
    }

    private static string[] Loopback(IPAddress address)
    {
        string literal = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return [.. new[] { "localhost", "127.0.0.1", "[::1]", literal }.Distinct(StringComparer.Ordinal)];
    }
}
