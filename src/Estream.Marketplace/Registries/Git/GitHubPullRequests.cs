using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries.Git;

/// <summary>Opens pull requests with the REST API of GitHub (version 2022-11-28), at github.com or at a GitHub Enterprise Server.
/// Thread-safe.</summary>
public sealed class GitHubPullRequests : IPullRequests, IDisposable
{
    private const int MaxAnswerBytes = 4 << 20;

    private readonly HttpClient _client;
    private readonly Uri _pulls;
    private readonly string _owner;
    private readonly Func<string> _token;

    /// <summary>Creates an instance for a repository.</summary>
    /// <param name="api">The base address of the API: <c>https://api.github.com/</c>, or that of a GitHub Enterprise Server.</param>
    /// <param name="owner">The owner of the repository.</param>
    /// <param name="repository">The name of the repository.</param>
    /// <param name="token">Returns a token that may write pull requests; called for each request. The token is sent only to the
    /// API.</param>
    /// <param name="timeout">The timeout of a request; one minute if null.</param>
    /// <exception cref="ArgumentException">Owner or repository contain characters that GitHub names cannot have.</exception>
    public GitHubPullRequests(Uri api, string owner, string repository, Func<string> token, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(token);
        Require(owner, nameof(owner));
        Require(repository, nameof(repository));
        (_owner, _token) = (owner, token);
        _pulls = new Uri(new Uri(api.AbsoluteUri.TrimEnd('/') + "/"), $"repos/{owner}/{repository}/pulls");

        // A redirect would send the token to another server.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false },
            disposeHandler: true) { Timeout = timeout ?? TimeSpan.FromMinutes(1) };
    }

    /// <inheritdoc/>
    public async ValueTask<Uri> OpenAsync(string branch, string target, string title, string body, CancellationToken cancellation)
    {
        byte[] json = CanonicalJson.Write(new JsonObject { { "head", branch }, { "base", target }, { "title", title }, { "body", body } });
        (HttpStatusCode status, byte[] answer) = await SendAsync(HttpMethod.Post, _pulls, json, cancellation).ConfigureAwait(false);
        if (status == HttpStatusCode.UnprocessableEntity)
        {
            // The pull request exists already or cannot be opened. The list tells which.
            Uri list = new(
                $"{_pulls.AbsoluteUri}?state=open&head={Uri.EscapeDataString($"{_owner}:{branch}")}&base={Uri.EscapeDataString(target)}");
            (HttpStatusCode listed, byte[] open) = await SendAsync(HttpMethod.Get, list, null, cancellation).ConfigureAwait(false);
            if (listed == HttpStatusCode.OK && AddressOf(open) is { } there)
            {
                return there;
            }
        }

        return status == HttpStatusCode.Created && AddressOf(answer) is { } address ? address : throw Refused(status, answer);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static void Require(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (name.Length > 100 || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')
            || name.All(character => character == '.'))
        {
            throw new ArgumentException($"'{name}' is not a valid GitHub name. Use letters, digits, hyphens, underscores and dots.",
                parameter);
        }
    }

    private async ValueTask<(HttpStatusCode Status, byte[] Answer)> SendAsync(HttpMethod method, Uri address, byte[]? json,
        CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token());
        request.Headers.UserAgent.ParseAdd("estream-marketplace");
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        if (json is not null)
        {
            request.Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
                .ConfigureAwait(false);
            Stream content = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                return (answer.StatusCode, await BoundedContent.ReadAsync(content, MaxAnswerBytes, cancellation).ConfigureAwait(false)
                    ?? throw new EstreamContentException($"The answer of '{_pulls}' exceeds {MaxAnswerBytes} bytes.", _pulls.AbsoluteUri));
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new EstreamRegistryException(RegistryFault.Unavailable,
                $"'{_pulls}' cannot be reached: {failure.Message} The branch was pushed; try again later.", _pulls.AbsoluteUri, failure);
        }
    }

    // Reads one member of GitHub's answer, which is unsigned JSON.
    private static Uri? AddressOf(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = 16 });
            JsonElement root = document.RootElement;
            JsonElement pull = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? root[0] : root;
            return pull.ValueKind == JsonValueKind.Object && pull.TryGetProperty("html_url", out JsonElement url)
                && url.ValueKind == JsonValueKind.String
                && Uri.TryCreate(url.GetString(), UriKind.Absolute, out Uri? address)
                && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp) ? address : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private EstreamRegistryException Refused(HttpStatusCode status, byte[] answer)
    {
        bool isForbidden = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
        string advice = isForbidden
            ? "Check that the token may write pull requests of this repository"
            : "The branch was pushed: check the repository, or open the pull request by hand";
        return new EstreamRegistryException(
            isForbidden ? RegistryFault.Forbidden : RegistryFault.Unavailable,
            $"'{_pulls}' did not accept the pull request: status {(int)status} with {answer.Length} bytes. {advice}.",
            _pulls.AbsoluteUri);
    }
}

/// <summary>Proposes changes to the maintainers of a repository. Implementations are thread-safe.</summary>
public interface IPullRequests
{
    /// <summary>Opens a pull request for a branch.</summary>
    /// <param name="branch">The branch that was pushed.</param>
    /// <param name="target">The branch to merge into.</param>
    /// <param name="title">The title, one line.</param>
    /// <param name="body">The description for the maintainers.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The address of the pull request, or of the existing one for the branch.</returns>
    /// <exception cref="EstreamRegistryException">The pull request was not accepted.</exception>
    ValueTask<Uri> OpenAsync(string branch, string target, string title, string body, CancellationToken cancellation);
}
