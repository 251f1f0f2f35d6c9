using System.Collections.Concurrent;

namespace Estream.Marketplace.Server.Tests.Support;

/// <summary>Records the method, path and status of each request.</summary>
internal sealed class ObservingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentQueue<(string Method, string Path, int Status)> _seen = new();

    public IEnumerable<(string Method, string Path, int Status)> Seen => _seen;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        _seen.Enqueue((request.Method.Method, request.RequestUri!.AbsolutePath, (int)response.StatusCode));
        return response;
    }
}
