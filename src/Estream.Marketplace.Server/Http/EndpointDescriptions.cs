using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Estream.Marketplace.Server.Http;

/// <summary>Describes the answers of endpoints.</summary>
internal static class EndpointDescriptions
{
    /// <summary>Declares the statuses of problems.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
        {
            endpoint.Produces<Problem>(status, Problem.MediaType);
        }

        return endpoint;
    }
}
