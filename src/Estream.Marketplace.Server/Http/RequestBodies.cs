using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Estream.Marketplace.Server.Http;

/// <summary>Bounds the bodies of requests. The server accepts no bodies elsewhere.</summary>
internal static class RequestBodies
{
    /// <summary>Sets the limit of a request. Call it before the request is refused: the server reads the rest of a body within its limit,
    /// so that the sender gets the answer.</summary>
    public static void Limit(HttpContext context, long most)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }
    }
}
