using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries.Git;

/// <summary>Pull requests by GitHub's REST interface (version 2022-11-28), at github.com or at an own GitHub Enterprise.
/// Thread-safe.</summary>
public sealed class GitHubPullRequests : IPullRequests, IDisposable
{
    private const int MaxAnswerBytes = 4 << 20;

    private readonly HttpClient _client;
    private readonly Uri _pulls;
    private readonly string _owner;
    private readonly Func<string> _token;

    /// <summary>Proposes to a repository.</summary>
    /// <param name="api">The interface: <c>https://api.github.com/</c>, or that of a GitHub Enterprise.</param>
    /// <param name="owner">Who owns the repository.</param>
    /// <param name="repository">Its name.</param>
    /// <param name="token">Gives a token that may write pull requests, each time one is needed. It is sent to the interface and appears
    /// nowhere else.</param>
    /// <param name="timeout">The longest that an answer may take; a minute where null.</param>
    /// <exception cref="ArgumentException">Owner or repository have characters that no such name has.</exception>
    public GitHubPullRequests(Uri api, string owner, string repository, Func<string> token, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(token);
        Require(owner, nameof(owner));
        Require(repository, nameof(repository));
        (_owner, _token) = (owner, token);
        _pulls = new Uri(new Uri(api.AbsoluteUri.TrimEnd('/') + "/"), $"repos/{owner}/{repository}/pulls");

        // A redirect would carry the token elsewhere.
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
            // It is proposed already, or cannot be: the list tells which.
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
            throw new ArgumentException($"'{name}' is no name of GitHub: letters, digits, hyphens, underscores and dots.", parameter);
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
                    ?? throw new EstreamContentException($"'{_pulls}' answers with more than {MaxAnswerBytes} bytes.", _pulls.AbsoluteUri));
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new EstreamRegistryException(RegistryFault.Unavailable,
                $"'{_pulls}' cannot be asked: {failure.Message} The branch was pushed; try again later.", _pulls.AbsoluteUri, failure);
        }
    }

    // GitHub's own JSON, of which one member is needed: nothing of it is signed.
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
            : "Look at the repository, or open the pull request by hand: the branch was pushed";
        return new EstreamRegistryException(
            isForbidden ? RegistryFault.Forbidden : RegistryFault.Unavailable,
            $"'{_pulls}' did not take the pull request: it answers {(int)status} with {answer.Length} bytes. {advice}.",
            _pulls.AbsoluteUri);
    }
}

/// <summary>Where a change of a repository is proposed to those who keep it. Implementations are thread-safe.</summary>
public interface IPullRequests
{
    /// <summary>Proposes a branch.</summary>
    /// <param name="branch">The branch that was pushed.</param>
    /// <param name="target">The branch it is to become part of.</param>
    /// <param name="title">One line.</param>
    /// <param name="body">What those who keep the repository read.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The address of the proposal; of the one that is there, where the branch is proposed already.</returns>
    /// <exception cref="EstreamRegistryException">It was not taken.</exception>
    ValueTask<Uri> OpenAsync(string branch, string target, string title, string body, CancellationToken cancellation);
}
