using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Estream.Cli.Commands.Remote;

namespace Estream.Cli.Commands.Hosts;

/// <summary>Sends HTTP requests to a host: through its Unix socket, or to its console address on another machine.</summary>
internal sealed class HostConnection : IDisposable
{
    private const int MaxAnswerBytes = 16 << 20;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client;

    private HostConnection(string name, HttpClient client) => (Name, _client) = (name, client);

    /// <summary>The path or address of the host, for messages.</summary>
    public string Name { get; }

    /// <summary>The time limit of a request. Set it before the first request.</summary>
    public TimeSpan Limit
    {
        set => _client.Timeout = value;
    }

    /// <summary>Uses the Unix socket of a host on this machine. Nothing is sent yet.</summary>
    public static HostConnection ToSocket(string path)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, stop) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HostConnection(path, ClientOf(handler, new Uri("http://localhost/"), token: null));
    }

    /// <summary>Uses the console address of a host. Nothing is sent yet.</summary>
    /// <exception cref="CliException">The address is not http or https, or a token would cross a network without TLS.</exception>
    public static HostConnection ToAddress(string address, string? token)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
        {
            throw new CliException($"--host '{address}' is not valid. Give https://HOST:PORT, the address of the console.");
        }

        return uri.Scheme == "http" && !uri.IsLoopback && token is not null
            ? throw new CliException($"--host '{address}' would send the token unencrypted. Give an https address.")
            : new HostConnection(address, ClientOf(new SocketsHttpHandler(), uri, token));
    }

    /// <summary>Sends a request and returns its JSON answer.</summary>
    /// <exception cref="CliException">The host cannot be reached, or does not answer with JSON and one of the accepted
    /// statuses.</exception>
    public async Task<(HttpStatusCode Status, JsonDocument Body)> AskAsync(
        HttpMethod method, string path, HttpStatusCode otherAccepted, CancellationToken cancellation)
    {
        (HttpStatusCode status, byte[] body) = await SendAsync(method, path, otherAccepted, cancellation).ConfigureAwait(false);
        try
        {
            return (status, JsonDocument.Parse(body));
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            throw new CliException($"{Name} did not answer with JSON: {failure.Message.TrimEnd('.')}. Check the address of the host.");
        }
    }

    /// <summary>Downloads a file.</summary>
    /// <exception cref="CliException">The host cannot be reached or refuses the request.</exception>
    public async Task<byte[]> DownloadAsync(string path, CancellationToken cancellation) =>
        (await SendAsync(HttpMethod.Get, path, HttpStatusCode.OK, cancellation).ConfigureAwait(false)).Body;

    public void Dispose() => _client.Dispose();

    private async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(
        HttpMethod method, string path, HttpStatusCode otherAccepted, CancellationToken cancellation)
    {
        try
        {
            using HttpRequestMessage request = new(method, path);
            using HttpResponseMessage answer = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK || answer.StatusCode == otherAccepted
                ? (answer.StatusCode, body)
                : throw new CliException(Refusal(answer.StatusCode, body));
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or ArgumentException
            || (failure is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            string reason = Name.StartsWith('/') && !File.Exists(Name)
                ? "the socket does not exist"   // the message of the operating system is "cannot assign requested address"
                : failure.GetBaseException().Message.TrimEnd('.');
            throw new CliException($"Cannot reach a host at {Name}: {reason}. Start the host with "
                + "'estream host run', or name another one with --socket or --host.");
        }
    }

    private string Refusal(HttpStatusCode status, byte[] body) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        ? $"The host at {Name} refused the request: HTTP status {(int)status}. Give a token with --token-file or "
            + $"{RemoteOptions.TokenVariable}."
        : $"The host at {Name} returned HTTP status {(int)status}{ReasonIn(body)}.";

    private static string ReasonIn(byte[] body)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(body);
            return answer.RootElement.TryGetProperty("error", out JsonElement error) ? $": {$"{error}".TrimEnd('.')}" : "";
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private static HttpClient ClientOf(SocketsHttpHandler handler, Uri address, string? token)
    {
        HttpClient client = new(handler) { BaseAddress = address, Timeout = s_limit, MaxResponseContentBufferSize = MaxAnswerBytes };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }
}

/// <summary>The options that select a host on this machine or on another machine for HTTP requests.</summary>
internal sealed class HostConnectionOptions
{
    private readonly Option<string?> _socket = new("--socket")
    {
        Description = "The Unix socket of the host (setting Http:Socket). Default: run/http.sock in the data folder.",
        HelpName = "PATH",
    };

    private readonly Option<string?> _host = new("--host")
    {
        Description = "The console address of a host on another machine: https://HOST:PORT.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string?> _tokenFile = RemoteOptions.TokenFileOption();

    /// <param name="command">The command that gets the options.</param>
    public HostConnectionOptions(Command command)
    {
        command.Options.Add(_socket);
        command.Options.Add(_host);
        command.Options.Add(_tokenFile);
    }

    /// <summary>Whether the options name a host.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_host) is not null || parsed.GetValue(_socket) is not null;

    /// <summary>Asks a host for its overview.</summary>
    /// <exception cref="CliException">The options are not valid, or the host cannot be reached or refuses the request.</exception>
    public async Task<JsonDocument> OverviewAsync(ParseResult parsed, CliContext context, CancellationToken cancellation)
    {
        using HostConnection connection = Open(parsed, context);
        (_, JsonDocument overview) =
            await connection.AskAsync(HttpMethod.Get, "api/overview", HttpStatusCode.OK, cancellation).ConfigureAwait(false);
        return overview;
    }

    /// <summary>Asks a host for all pages of a list.</summary>
    /// <param name="list">The member with the rows, and the path below <c>api</c>: <c>queues</c> or <c>maps</c>.</param>
    /// <param name="read">Reads a row. Called before the next page is read.</param>
    /// <param name="parsed">The options that name the host.</param>
    /// <param name="context">The surroundings of the command.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="CliException">The options are not valid, or the host cannot be reached or refuses the request.</exception>
    public async Task<List<T>> ListAsync<T>(
        string list, Func<JsonElement, T> read, ParseResult parsed, CliContext context, CancellationToken cancellation)
    {
        const int PageRows = 1_000;
        using HostConnection connection = Open(parsed, context);
        List<T> rows = [];
        for (string? after = ""; after is not null;)
        {
            (_, JsonDocument page) = await connection.AskAsync(HttpMethod.Get,
                $"api/{list}?limit={PageRows}" + (after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}"),
                HttpStatusCode.OK, cancellation).ConfigureAwait(false);
            using (page)
            {
                rows.AddRange(page.RootElement.GetProperty(list).EnumerateArray().Select(read));
                after = page.RootElement.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
            }
        }

        return rows;
    }

    /// <exception cref="CliException">The options are not valid.</exception>
    public HostConnection Open(ParseResult parsed, CliContext context)
    {
        string? socket = parsed.GetValue(_socket);
        if (parsed.GetValue(_host) is { } address)
        {
            return socket is null
                ? HostConnection.ToAddress(address, RemoteOptions.ReadToken(parsed.GetValue(_tokenFile)))
                : throw new CliException("--socket and --host cannot be used together. Give one of them.");
        }

        return HostConnection.ToSocket(Path.GetFullPath(socket ?? Path.Combine(context.DataFolder, "run", "http.sock")));
    }
}
