using System.Net;
using System.Net.Http.Headers;

namespace Estream.Marketplace.Files;

/// <summary>Reads files from a web server. Does not follow redirects, so a request to one address is never answered by another.
/// Thread-safe.</summary>
/// <remarks>
/// Each request has a time limit for the whole response, by default <see cref="DefaultTimeout"/>. Uses the system's proxies. A token is
/// sent only to the configured address and never appears in a message.
/// </remarks>
public sealed class HttpFileSource : IFileSource, IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _prefix;
    private readonly Func<Uri, string?>? _token;

    /// <summary>Creates a source for a base address.</summary>
    /// <param name="prefix">An http or https address. Use http only for tests and on networks that are otherwise trusted; fetched content
    /// is verified in any case.</param>
    /// <param name="timeout">The time limit for a response; null for <see cref="DefaultTimeout"/>.</param>
    /// <param name="token">Returns the bearer token for an address, or null if there is none; called for each request.</param>
    /// <exception cref="ArgumentException">The address is not http or https, or has user info, a query or a fragment.</exception>
    public HttpFileSource(Uri prefix, TimeSpan? timeout = null, Func<Uri, string?>? token = null)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!prefix.IsAbsoluteUri || (prefix.Scheme != Uri.UriSchemeHttps && prefix.Scheme != Uri.UriSchemeHttp) || prefix.UserInfo.Length
            + prefix.Query.Length + prefix.Fragment.Length > 0)
        {
            throw new ArgumentException(
                $"'{prefix.GetComponents(UriComponents.HostAndPort | UriComponents.Path, UriFormat.UriEscaped)}' is not a valid file "
                + "address. Use http or https, without user info, query or fragment.", nameof(prefix));
        }

        _prefix = prefix.AbsoluteUri.EndsWith('/') ? prefix : new Uri(prefix.AbsoluteUri + "/");

        // BoundedContent limits the bytes received; a compressed response could expand beyond the limit.
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            MaxResponseHeadersLength = 64,
        }, disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Limit = timeout ?? DefaultTimeout;
        _token = token;
    }

    /// <summary>The default time limit for a response.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The time limit for a response.</summary>
    public TimeSpan Limit { get; }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        FilePaths.Require(path);
        Uri address = new(_prefix, path);
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        string? token = _token?.Invoke(address);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(Limit);
        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end.Token)
                .ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return null;
            }

            Require(answer, address, token is not null);
            Stream content = await answer.Content.ReadAsStreamAsync(end.Token).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                return await BoundedContent.ReadAsync(content, maxBytes, end.Token).ConfigureAwait(false)
                    ?? throw new EstreamContentException(
                        $"'{address}' returned more than the {maxBytes} bytes allowed. Check the address.", address.AbsoluteUri);
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new EstreamContentException($"'{address}' cannot be read: {failure.Message} Check the address and the network.",
                address.AbsoluteUri, isTransient: true, failure)
            {
                IsUnanswered = true,
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new EstreamContentException(
                $"'{address}' did not complete its response within {Limit.TotalSeconds:0} s. Try again later.",
                address.AbsoluteUri, isTransient: true)
            {
                IsUnanswered = true,
            };
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static void Require(HttpResponseMessage answer, Uri address, bool isLoggedIn)
    {
        int status = (int)answer.StatusCode;
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            string origin = address.GetLeftPart(UriPartial.Authority);
            throw new EstreamContentException(
                isLoggedIn ? $"'{address}' rejects the stored credential ({status}). Get a new credential, and store it with "
                    + $"'estream marketplace login {origin}'."
                : $"'{address}' requires a login ({status}). Get a token from its operator, and store it with 'estream marketplace login "
                    + $"{origin}'.", address.AbsoluteUri) { IsUnanswered = true };
        }

        if (status is >= 300 and < 400)
        {
            throw new EstreamContentException(
                $"'{address}' redirects ({status}), and redirects are not followed. Use the address of the files.",
                address.AbsoluteUri)
            {
                IsUnanswered = true,
            };
        }

        if (answer.StatusCode != HttpStatusCode.OK)
        {
            // The server's reason phrase is not included, because messages are printed on terminals.
            throw new EstreamContentException($"'{address}' returned status {status}. Check the address, or try again later.",
                address.AbsoluteUri, isTransient: status >= 500)
            {
                IsUnanswered = true,
            };
        }

        // A content encoding that was not requested would change the bytes.
        if (answer.Content.Headers.ContentEncoding.Count > 0)
        {
            throw new EstreamContentException(
                $"'{address}' returned the content encoding '{string.Join(", ", answer.Content.Headers.ContentEncoding)}', which was not "
                + "requested. Serve the files without an encoding.", address.AbsoluteUri);
        }
    }
}
