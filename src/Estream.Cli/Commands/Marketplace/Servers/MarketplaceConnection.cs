using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Estream.Cli.Commands.Remote;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Sends requests to a marketplace server. Does not follow redirects, which could carry the token elsewhere.</summary>
internal sealed class MarketplaceConnection : IDisposable
{
    /// <summary>The path of the public API.</summary>
    public const string Api = "api/v1/marketplace";

    /// <summary>The path of moderation.</summary>
    public const string Admin = "cp/api/v1/admin/marketplace";

    private const int MaxAnswerBytes = 16 << 20;

    // A server runs scanners before it answers.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly HttpClient _client;

    private MarketplaceConnection(Uri address, string? token)
    {
        Address = address;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, disposeHandler: true)
        {
            BaseAddress = address, Timeout = s_limit, MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The address of the server, ending with a slash.</summary>
    public Uri Address { get; }

    /// <summary>The address of the registry's files.</summary>
    public string Registry => new Uri(Address, "registry").AbsoluteUri;

    /// <summary>Opens a connection. Nothing is sent yet.</summary>
    /// <param name="to">The address of the server.</param>
    /// <param name="tokenFile">The file with the token; null for the environment.</param>
    /// <exception cref="CliException">The address is not valid, or would send the token unencrypted.</exception>
    public static MarketplaceConnection Open(string to, string? tokenFile)
    {
        if (!Uri.TryCreate(to, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length + address.Query.Length + address.Fragment.Length > 0)
        {
            throw new CliException($"--to '{to}' is not valid. Give https://HOST:PORT, the address of the marketplace server.");
        }

        string? token = RemoteOptions.ReadToken(tokenFile);
        return address.Scheme == "http" && !address.IsLoopback && token is not null
            ? throw new CliException($"--to '{to}' would send the token unencrypted. Give an https address.")
            : new MarketplaceConnection(address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/"), token);
    }

    /// <summary>Sends a request without a body.</summary>
    public Task<(HttpStatusCode Status, JsonDocument? Body)> GetAsync(string path, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path, null, cancellation);

    /// <summary>Sends a request and returns its answer; no body for an answer without one.</summary>
    /// <exception cref="CliException">The server cannot be reached (exit code 2), or refuses the request (exit code 1).</exception>
    public async Task<(HttpStatusCode Status, JsonDocument? Body)> SendAsync(HttpMethod method, string path, HttpContent? content,
        CancellationToken cancellation)
    {
        try
        {
            using HttpRequestMessage request = new(method, path) { Content = content };
            if (method == HttpMethod.Post)
            {
                request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
                // A server that refuses the request answers before the package is sent.
                request.Headers.ExpectContinue = true;
            }

            using HttpResponseMessage answer = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? (answer.StatusCode, body.Length == 0 ? null : JsonDocument.Parse(body))
                : throw RefusalOf(answer.StatusCode, body);
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or JsonException or ArgumentException
            || (failure is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new CliException($"Cannot reach a marketplace at {Address}: {failure.GetBaseException().Message.TrimEnd('.')}. Check the "
                + "address, and that the server runs.");
        }
    }

    public void Dispose() => _client.Dispose();

    private CliException RefusalOf(HttpStatusCode status, byte[] body)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Address} answered {(int)status}");
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            JsonElement root = problem.RootElement;
            string[] reasons = root.TryGetProperty("reasons", out JsonElement all) ? [.. all.EnumerateArray().Select(one => $"{one}")] : [];
            text += $" {root.GetProperty("code")}: {root.GetProperty("detail")}"
                + string.Concat(reasons.Select(reason => "\n  " + reason));
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            text += ". Check that the address is that of a marketplace server.";
        }

        bool isAnswer = (int)status is >= 400 and < 500 && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests);
        return isAnswer ? new CliException(text, ExitCode.No) : new CliException(text);
    }
}
