using System.Net.Http.Headers;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Subscriptions;

/// <summary>Sends notifications to rest-hook endpoints: POST without a body, or PUT of the resource if the subscription names a payload.
/// Follows no redirects, which could lead to an address that is not permitted. Thread-safe.</summary>
internal sealed class RestHookChannel(EndpointRules rules) : IDisposable
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

    /// <summary>Sends a notification once.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="path">The type and id of the resource, as in Observation/2.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <returns>Why the endpoint did not accept it; null if it did. Contains no value of a resource.</returns>
    public async Task<NotificationFailure?> TrySendAsync(
        SubscriptionFacts subscription, string path, byte[] resource, CancellationToken cancellation)
    {
        bool hasPayload = subscription.Payload.Length > 0;
        if (!rules.TryPermit(subscription.Endpoint, out Uri? target))
        {
            return new NotificationFailure("SubscriptionEndpoints does not permit the endpoint", IsFinal: true);
        }

        if (hasPayload)
        {
            target = new UriBuilder(target) { Path = $"{target.AbsolutePath.TrimEnd('/')}/{path}" }.Uri;
        }

        using HttpRequestMessage request = new(hasPayload ? HttpMethod.Put : HttpMethod.Post, target);
        if (hasPayload)
        {
            request.Content = new ByteArrayContent(resource)
            {
                Headers = { ContentType = MediaTypeHeaderValue.Parse("application/fhir+json") },
            };
        }

        try
        {
            using HttpResponseMessage response =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null
                : new NotificationFailure($"the endpoint answered with status {(int)response.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            return new NotificationFailure($"the endpoint cannot be reached ({failure.HttpRequestError})");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new NotificationFailure($"the endpoint did not answer within {s_timeout.TotalSeconds:0} s");
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>Why a notification was not accepted.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="IsFinal">Whether another attempt is useless.</param>
internal sealed record NotificationFailure(string Reason, bool IsFinal = false);
