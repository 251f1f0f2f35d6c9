using Estream.Host.Configuration;
using Estream.Wire;
using Microsoft.AspNetCore.HttpOverrides;

namespace Estream.Host.Http;

/// <summary>
/// Detects requests forwarded by a proxy. Such a request never counts as local. The client address is taken from its headers only if the
/// request comes from a proxy listed in <c>Http:Proxies</c>.
/// </summary>
internal static class ForwardedRequests
{
    private static readonly object s_isForwarded = new();

    /// <summary>Adds the middleware. It must precede all middleware that reads addresses.</summary>
    public static void UseForwarding(this IApplicationBuilder app, HttpSettings settings)
    {
        app.Use(static (context, next) =>
        {
            if (ForwardingHeaders.Names.Any(context.Request.Headers.ContainsKey))
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

            // The client is the last entry that was not added by a known proxy.
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
