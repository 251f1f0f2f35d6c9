using Estream.Host.Configuration;
using Microsoft.AspNetCore.HttpOverrides;

namespace Estream.Host.Http;

/// <summary>
/// Requests that a proxy forwards. Such a request never counts as one from this machine, whoever the proxy is; the address of the client is
/// taken from its headers only if it comes from a proxy of <c>Http:Proxies</c>.
/// </summary>
internal static class ForwardedRequests
{
    private static readonly string[] s_headers =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    private static readonly object s_isForwarded = new();

    /// <summary>Comes before whatever looks at addresses.</summary>
    public static void UseForwarding(this IApplicationBuilder app, HttpSettings settings)
    {
        app.Use(static (context, next) =>
        {
            if (s_headers.Any(context.Request.Headers.ContainsKey))
            {
                context.Items[s_isForwarded] = true;
            }

            return next(context);
        });
        if (settings.Proxies.Count == 0)
        {
            return;
        }

        ForwardedHeadersOptions options = new()
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,

            // The last entry that no known proxy made is the client.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (System.Net.IPNetwork network in settings.Proxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }

    /// <summary>Whether a proxy forwarded a request.</summary>
    public static bool IsForwarded(HttpContext context) => context.Items.ContainsKey(s_isForwarded);
}
