using System.Net;
using System.Net.Http.Headers;

namespace Estream.Marketplace.Files;

/// <summary>Files behind a web server. Redirects are not followed: what is asked of one address is never answered by another.
/// Thread-safe.</summary>
/// <remarks>
/// Each request has an end: <see cref="DefaultTimeout"/> for the whole answer, unless another is given. Proxies are those of the system. A
/// token goes to the one address alone, since nothing else is asked, and is in no message.
/// </remarks>
public sealed class HttpFileSource : IFileSource, IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _prefix;
    private readonly Func<Uri, string?>? _token;

    /// <summary>Reads below an address.</summary>
    /// <param name="prefix">An address of http or https. One of http is for tests and networks that are trusted otherwise; what is fetched
    /// is verified in any case.</param>
    /// <param name="timeout">The longest that an answer may take; <see cref="DefaultTimeout"/> where null.</param>
    /// <param name="token">Gives the bearer token for an address, or null where there is none; asked for each request.</param>
    /// <exception cref="ArgumentException">It is no such address, or has a user, a query or a fragment.</exception>
    public HttpFileSource(Uri prefix, TimeSpan? timeout = null, Func<Uri, string?>? token = null)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!prefix.IsAbsoluteUri || (prefix.Scheme != Uri.UriSchemeHttps && prefix.Scheme != Uri.UriSchemeHttp) || prefix.UserInfo.Length
            + prefix.Query.Length + prefix.Fragment.Length > 0)
        {
            throw new ArgumentException(
                $"'{prefix.GetComponents(UriComponents.HostAndPort | UriComponents.Path, UriFormat.UriEscaped)}' is no address of files: "
                + "write http or https, without a user, a query and a fragment.", nameof(prefix));
        }

        _prefix = prefix.AbsoluteUri.EndsWith('/') ? prefix : new Uri(prefix.AbsoluteUri + "/");

        // The answer's length is counted by who reads it; compressed answers could grow on the way.
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

    /// <summary>The longest that an answer may take where nothing else is said.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest that an answer may take.</summary>
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
                        $"'{address}' answers with more than the {maxBytes} bytes that it may. Check the address.", address.AbsoluteUri);
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
            throw new EstreamContentException($"'{address}' did not answer whole within {Limit.TotalSeconds:0} s. Try again later.",
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
                isLoggedIn ? $"'{address}' does not take the credential that is kept for it ({status}). Get another one, and give it to "
                    + $"'estream marketplace login {origin}'."
                : $"'{address}' asks who you are ({status}). Get a token from who keeps it, and give it to 'estream marketplace login "
                    + $"{origin}'.", address.AbsoluteUri) { IsUnanswered = true };
        }

        if (status is >= 300 and < 400)
        {
            throw new EstreamContentException(
                $"'{address}' sends elsewhere ({status}), which is not followed. Name the address that the files are at.",
                address.AbsoluteUri)
            {
                IsUnanswered = true,
            };
        }

        if (answer.StatusCode != HttpStatusCode.OK)
        {
            // What the server says in words beside it goes to terminals: it stays here.
            throw new EstreamContentException($"'{address}' answers with {status}. Check the address, or try again later.",
                address.AbsoluteUri, isTransient: status >= 500)
            {
                IsUnanswered = true,
            };
        }

        // An encoding that nobody asked for would make other bytes of them.
        if (answer.Content.Headers.ContentEncoding.Count > 0)
        {
            throw new EstreamContentException(
                $"'{address}' answers in the encoding '{string.Join(", ", answer.Content.Headers.ContentEncoding)}', which was not asked "
                + "for.", address.AbsoluteUri);
        }
    }
}
