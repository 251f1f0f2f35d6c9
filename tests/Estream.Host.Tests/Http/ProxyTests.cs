using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: the proxy configurations of the guide work with the real proxies.</summary>
public sealed partial class ProxyTests : IDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [PeerFact("nginx", "nginx-light")]
    public async Task The_host_works_behind_nginx()
    {
        using System.Security.Cryptography.X509Certificates.X509Certificate2 certificate = TestCertificates.Write(_folder, "console");
        await using HttpCase http = await StartAsync();
        int port = FreePort.Next();
        string server = Block("nginx")
            .Replace("127.0.0.1:5080", $"127.0.0.1:{http.Address.Port}", StringComparison.Ordinal)
            .Replace("listen 443 ssl", $"listen 127.0.0.1:{port} ssl", StringComparison.Ordinal)
            .Replace("/etc/ssl/console.crt", _folder.Combine("console.crt"), StringComparison.Ordinal)
            .Replace("/etc/ssl/private/console.key", _folder.Combine("console.key"), StringComparison.Ordinal);
        using ChildProcess proxy = StartNginx(server);

        await CheckAsync(new Uri($"https://127.0.0.1:{port}"), isSecure: true, proxy);
    }

    [PeerTheory("nginx", "nginx-light")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_proxy_that_adds_no_header_gives_nobody_the_role_of_this_machine(bool hasToken)
    {
        string tokens = _folder.Combine("tokens");
        if (hasToken)
        {
            AccessTokenFile.Create(tokens, "", AccessRole.Viewer, null, DateTimeOffset.UtcNow);
        }

        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin, tokens: tokens);
        int port = FreePort.Next();
        using ChildProcess proxy = StartNginx(
            $"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{http.Address.Port}; }} }}\n");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Host = "console.example.com";
        await AnsweringAsync(client, proxy);

        // The rule of the guide: without a token, a proxy counts as this machine only if it runs as the user of the host.
        HttpStatusCode expected = hasToken || Environment.IsPrivilegedProcess ? HttpStatusCode.Unauthorized : HttpStatusCode.OK;
        Assert.Equal(expected, (await client.GetAsync("/api/overview")).StatusCode);
        Assert.Equal(hasToken ? HttpStatusCode.Unauthorized : HttpStatusCode.OK,
            (await http.Client.GetAsync("/api/overview")).StatusCode);
    }

    [PeerFact("caddy", "caddy")]
    public async Task The_host_works_behind_caddy()
    {
        await using HttpCase http = await StartAsync();
        int port = FreePort.Next();
        string site = Block("").Replace("127.0.0.1:5080", $"127.0.0.1:{http.Address.Port}", StringComparison.Ordinal)
            .Replace("console.example.com {", $"http://console.example.com:{port} {{\n    bind 127.0.0.1", StringComparison.Ordinal);
        string file = _folder.Combine("Caddyfile");
        File.WriteAllText(file, $"{{\n    admin off\n}}\n{site}");

        using ChildProcess proxy = ChildProcess.Start(Peer.Require("caddy", "caddy"), ["run", "--config", file],
            environment: new Dictionary<string, string?> { ["HOME"] = _folder.Path, ["XDG_DATA_HOME"] = _folder.Path });

        await CheckAsync(new Uri($"http://127.0.0.1:{port}"), isSecure: false, proxy);
    }

    private ChildProcess StartNginx(string server)
    {
        string paths = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            .Select(name => $"{name}_temp_path {_folder.Combine(name)};\n"));
        string file = _folder.Combine("nginx.conf");

        // As root, nginx serves requests as another user.
        string user = Environment.IsPrivilegedProcess ? "user nobody nogroup; " : "";
        File.WriteAllText(file, $"{user}daemon off; pid {_folder.Combine("pid")}; error_log stderr; events {{}}\n"
            + $"http {{ access_log off;\n{paths}{server}}}\n");
        return ChildProcess.Start(Peer.Require("nginx", "nginx-light"), ["-p", _folder.Path, "-e", "stderr", "-c", file]);
    }

    private static async Task CheckAsync(Uri address, bool isSecure, ChildProcess proxy)
    {
        using HttpClient client = new(new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        }) { BaseAddress = address };
        client.DefaultRequestHeaders.Host = "console.example.com";
        await AnsweringAsync(client, proxy);

        // The host gives local requests every role, and forwarded requests none.
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/session")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        HttpResponseMessage signedIn = await client.PutAsync("/api/session", null);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        Assert.Equal(isSecure,
            Assert.Single(signedIn.Headers.GetValues("Set-Cookie")).Contains("; secure", StringComparison.OrdinalIgnoreCase));

        // Events arrive at once, not when a buffer is full.
        using CancellationTokenSource limit = new(Eventually.DefaultLimit);
        await using Stream events = await client.GetStreamAsync("/api/events", limit.Token);
        byte[] first = new byte[16];
        Assert.True(await events.ReadAsync(first, limit.Token) > 0);
    }

    private static Task AnsweringAsync(HttpClient client, ChildProcess proxy) => Eventually.TrueAsync(async () =>
    {
        Assert.False(proxy.HasExited, proxy.Error);
        try
        {
            return (await client.GetAsync("/health")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // The proxy does not listen yet.
            return false;
        }
    }, "the proxy answers");

    private static Task<HttpCase> StartAsync() => HttpCase.StartAsync(
        token: Token, role: AccessRole.Admin, with: settings => settings with { Proxies = [IPNetwork.Parse("127.0.0.1/32")] });

    private static string Block(string language)
    {
        string guide = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "deploying.md"));
        return Blocks().Matches(guide).Single(block => block.Groups["language"].Value == language
            && block.Groups["code"].Value.Contains("console.example.com", StringComparison.Ordinal)).Groups["code"].Value;
    }

    [GeneratedRegex("^```(?<language>[a-z]*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
