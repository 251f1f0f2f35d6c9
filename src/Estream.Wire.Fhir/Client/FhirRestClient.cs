using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace Estream.Wire.Fhir;

/// <summary>
/// A client of a FHIR REST API (JSON). Sends and returns resources as bytes, so that unknown elements and the digits of decimals are
/// preserved. Follows no redirects, which could lead a token to another server. Thread-safe.
/// </summary>
public sealed class FhirRestClient : IDisposable
{
    private const string ContentType = "application/fhir+json";

    private readonly HttpClient _client;
    private readonly WireSecret? _token;

    /// <summary>Creates a client. Nothing is connected yet.</summary>
    /// <param name="baseUrl">The URL of the server, with or without '/' at the end.</param>
    /// <param name="tls">The TLS options; null for the authorities of the machine.</param>
    /// <param name="token">The bearer token; null for none.</param>
    /// <param name="timeout">The time for a request.</param>
    /// <param name="maxBodyBytes">The maximum length of a response.</param>
    /// <exception cref="ArgumentException">The URL is not an absolute http or https URL, or has a user name.</exception>
    /// <exception cref="WireConfigurationException">A file of the TLS options is missing or invalid.</exception>
    public FhirRestClient(Uri baseUrl, WireTlsOptions? tls, WireSecret? token, TimeSpan timeout, int maxBodyBytes)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        if (!baseUrl.IsAbsoluteUri || baseUrl.Scheme is not ("http" or "https") || baseUrl.UserInfo.Length > 0)
        {
            throw new ArgumentException("The URL is not an http or https URL without user info.", nameof(baseUrl));
        }

        BaseUrl = baseUrl.AbsolutePath.EndsWith('/') ? baseUrl : new Uri(baseUrl.AbsoluteUri + "/");
        _token = token;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (tls?.ToClientOptions(baseUrl.Host) is SslClientAuthenticationOptions options)
        {
            handler.SslOptions = options;
        }

        _client = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = maxBodyBytes };
    }

    /// <summary>The URL of the server, ending in '/'.</summary>
    public Uri BaseUrl { get; }

    /// <summary>Sends a request.</summary>
    /// <param name="method">GET, PUT, POST or DELETE.</param>
    /// <param name="path">The path relative to the server, such as <c>Patient/1</c>, or a URL of the same server.</param>
    /// <param name="body">The resource in JSON; empty for none.</param>
    /// <param name="headers">Further headers, such as If-Match.</param>
    /// <param name="cancellation">Cancels the request; the server may have processed the request.</param>
    /// <returns>The response, also if its status is an error.</returns>
    /// <exception cref="ArgumentException">The path is not a URL, or leads to another server.</exception>
    /// <exception cref="WireConnectionException">The server cannot be reached, does not answer in time, or answers with too much; or the
    /// token cannot be read.</exception>
    public async Task<FhirRestResponse> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body = default, IEnumerable<KeyValuePair<string, string>>? headers = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        using HttpRequestMessage request = new(method, Resolve(path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ContentType));
        foreach ((string name, string value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } };
        }

        AddToken(request);
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] content = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return new FhirRestResponse((int)response.StatusCode, content, response.Headers.ETag?.ToString() ?? "",
                response.Headers.Location?.ToString() ?? "")
            {
                Date = response.Headers.Date,
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new WireConnectionException($"{BaseUrl.Host}:{BaseUrl.Port} does not answer: {Explain(failure)}",
                failure.InnerException is not AuthenticationException, failure);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static string Explain(Exception failure) =>
        failure is OperationCanceledException ? "the time for a response is over." : (failure.InnerException ?? failure).Message;

    private Uri Resolve(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Uri.TryCreate(BaseUrl, path, out Uri? target) && IsBelow(target)
            ? target
            : throw new ArgumentException("The path leads to another server, which must not get the token.", nameof(path));
    }

    private bool IsBelow(Uri target) => BaseUrl.IsBaseOf(target) || target.AbsoluteUri.TrimEnd('/') == BaseUrl.AbsoluteUri.TrimEnd('/');

    private void AddToken(HttpRequestMessage request)
    {
        if (_token is not null)
        {
            byte[] token = _token.Read();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Encoding.UTF8.GetString(token));
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(token);
        }
    }
}

/// <summary>A response of a FHIR server.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body; empty for none.</param>
/// <param name="ETag">The header ETag; empty for none.</param>
/// <param name="Location">The header Location; empty for none.</param>
public sealed record FhirRestResponse(int Status, ReadOnlyMemory<byte> Body, string ETag, string Location)
{
    /// <summary>The header Date, which is the clock of the server; null for none.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Whether the status is 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
