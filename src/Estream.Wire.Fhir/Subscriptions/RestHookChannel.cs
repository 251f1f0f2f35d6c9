using System.Net.Http.Headers;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>Sends notifications to rest-hook endpoints: POST without a body, or PUT of the resource if the subscription names a payload.
/// Follows no redirects, which could lead to an address that is not permitted. Thread-safe.</summary>
internal sealed class RestHookChannel : ISubscriptionChannel, IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    })
    {
        Timeout = s_timeout,
    };

    public async Task<bool> TrySendAsync(SubscriptionFacts subscription, ResourceChange change, CancellationToken cancellation)
    {
        bool hasPayload = subscription.Payload.Length > 0;
        string url = hasPayload ? $"{subscription.Endpoint.TrimEnd('/')}/{change.Type}/{change.Id}" : subscription.Endpoint;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? target))
        {
            return false;
        }

        using HttpRequestMessage request = new(hasPayload ? HttpMethod.Put : HttpMethod.Post, target);
        if (hasPayload)
        {
            request.Content = new ByteArrayContent(change.Text)
            {
                Headers = { ContentType = MediaTypeHeaderValue.Parse("application/fhir+json") },
            };
        }

        try
        {
            using HttpResponseMessage response =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    public void Dispose() => _client.Dispose();
}
