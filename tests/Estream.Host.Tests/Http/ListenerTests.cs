using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Tests.Configuration;
using Estream.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: each listener accepts only its intended clients, and no client can block it for others.</summary>
public sealed class ListenerTests : IDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Https_serves_http_2_and_loads_a_renewed_certificate()
    {
        using X509Certificate2 first = TestCertificates.Write(_folder, "a");
        await using HttpCase http = await HttpCase.StartAsync(with: Secure);
        Assert.Equal("https", http.Address.Scheme);
        (HttpVersion2Answer answer, X509Certificate2 shown) = await AskAsync(http.Address);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20, first.Thumbprint), (answer.Status, answer.Version, shown.Thumbprint));

        using X509Certificate2 second = TestCertificates.Write(_folder, "a");
        await Eventually.TrueAsync(async () => (await AskAsync(http.Address)).Shown.Thumbprint == second.Thumbprint,
            "the new certificate is shown");
    }

    [Fact]
    public void A_certificate_without_its_key_does_not_replace_the_one_in_use()
    {
        using X509Certificate2 first = TestCertificates.Write(_folder, "a");
        SettableTime time = new();
        ServerCertificate certificate = new(_folder.Combine("a.crt"), _folder.Combine("a.key"), time, NullLogger.Instance);

        // Between the two writes of a renewal, the certificate is new and the key is old.
        using X509Certificate2 second = TestCertificates.Write(_folder, "b");
        File.Copy(_folder.Combine("b.crt"), _folder.Combine("a.crt"), overwrite: true);
        time.Now += 2 * time.TimestampFrequency;
        Assert.Equal(first.Thumbprint, certificate.Current.TargetCertificate.Thumbprint);

        SecretFiles.Write(_folder.Combine("a.key"), File.ReadAllText(_folder.Combine("b.key")));
        Assert.Equal(first.Thumbprint, certificate.Current.TargetCertificate.Thumbprint);
        time.Now += 2 * time.TimestampFrequency;
        Assert.Equal(second.Thumbprint, certificate.Current.TargetCertificate.Thumbprint);
    }

    [Fact]
    public async Task Https_answers_plain_http_with_the_address_to_use_and_refuses_tls_1_1()
    {
        using X509Certificate2 certificate = TestCertificates.Write(_folder, "a");
        await using HttpCase http = await HttpCase.StartAsync(with: Secure);
        using HttpClient plain = new();

        using HttpResponseMessage answer = await plain.GetAsync(new UriBuilder(http.Address) { Scheme = "http" }.Uri);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Use https://", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using TcpClient old = new();
        await old.ConnectAsync(IPAddress.Loopback, http.Address.Port);
        using System.Net.Security.SslStream stream = new(old.GetStream(), false, (_, certificate, _, _) => certificate is not null);
#pragma warning disable SYSLIB0039, CA5397 // The test checks that TLS 1.1 is refused.
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync("localhost", null, SslProtocols.Tls11, false));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public void An_unusable_certificate_is_a_configuration_error()
    {
        using X509Certificate2 certificate = TestCertificates.Write(_folder, "a");
        using X509Certificate2 other = TestCertificates.Write(_folder, "b");
        Assert.Contains("Estream:Http:Certificate cannot be used: The certificate file of HTTPS", MessageOf("no.crt", "a.key"),
            StringComparison.Ordinal);
        Assert.Contains("Estream:Http:Certificate cannot be used", MessageOf("a.crt", "b.key"), StringComparison.Ordinal);
        SecretFiles.SetMode(_folder.Combine("a.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("Run: chmod 600", MessageOf("a.crt", "a.key"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_management_port_answers_health_and_metrics_while_the_main_port_is_full()
    {
        await using HttpCase http = await HttpCase.StartAsync(withConsole: true,
            with: settings => settings with { ManagementPort = 0, MaxConnectionsPerAddress = 10_000 });
        Assert.Equal(2, http.Addresses.Count);
        List<TcpClient> idle = [];
        try
        {
            for (int count = 0; count < 520; count++)
            {
                TcpClient client = new();
                idle.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, http.Address.Port);
            }

            using HttpClient management = new() { BaseAddress = new Uri(http.Addresses[1]) };
            Assert.Equal("live\n", await management.GetStringAsync("/health/live"));
            Assert.Equal(HttpStatusCode.OK, (await management.GetAsync("/health")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await management.GetAsync("/metrics")).StatusCode);
            foreach (string path in (string[])["/", "/api/overview", "/api/session", "/assets/index-abc.js"])
            {
                Assert.Equal(HttpStatusCode.NotFound, (await management.GetAsync(path)).StatusCode);
            }
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Connections_per_address_are_limited_with_a_higher_limit_for_a_proxy()
    {
        await using HttpCase http = await HttpCase.StartAsync(with: settings => settings with { MaxConnectionsPerAddress = 2 });
        using TcpClient first = await OpenAsync(http), second = await OpenAsync(http);

        // The host counts connections on threads of the pool, in any order, so wait until both are counted.
        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(first), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(second), StringComparison.Ordinal);
        Assert.Null(await AnswerOfNewAsync(http));
        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(first), StringComparison.Ordinal);
        first.Dispose();
        await Eventually.TrueAsync(
            async () => await AnswerOfNewAsync(http) is { } answer && answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal),
            "a place becomes free");

        await using HttpCase behind = await HttpCase.StartAsync(
            with: settings => settings with { MaxConnectionsPerAddress = 1, Proxies = [IPNetwork.Parse("127.0.0.0/8")] });
        using TcpClient one = await OpenAsync(behind), two = await OpenAsync(behind);
        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(two), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_per_address_are_limited_on_the_management_port_too()
    {
        await using HttpCase http = await HttpCase.StartAsync(
            with: settings => settings with { ManagementPort = 0, MaxConnectionsPerAddress = 2 });
        Uri management = new(http.Addresses[1]);
        using TcpClient first = await OpenAsync(management), second = await OpenAsync(management);
        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(first), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(second), StringComparison.Ordinal);
        Assert.Null(await AnswerOfNewAsync(management));
    }

    [Fact]
    public async Task Only_the_user_of_the_host_can_use_the_socket()
    {
        string path = _folder.Combine("run", "http.sock");
        await using (HttpCase http = await HttpCase.StartAsync(token: Token, with: settings => settings with { Socket = path }))
        {
            using HttpClient client = Through(path);
            Assert.Equal("""{"name":"the user of the host","role":"admin","scopes":[],"isSignedIn":false}""",
                await client.GetStringAsync("http://localhost/api/session"));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, SecretFiles.ModeOf(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                SecretFiles.ModeOf(Path.GetDirectoryName(path)!));
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync("/api/session")).StatusCode);
        }
    }

    [Fact]
    public async Task Only_a_stale_socket_of_a_killed_host_is_replaced()
    {
        Directory.CreateDirectory(_folder.Combine("run"));
        string path = _folder.Combine("run", "http.sock");
        using (Socket left = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(path));
            left.Listen();

            // The socket accepts connections, so it counts as the socket of another running host.
            await Assert.ThrowsAsync<Core.EstreamStorageException>(
                () => HttpCase.StartAsync(with: settings => settings with { Socket = path }));
            File.Move(path, path + ".kept");
        }

        // The runtime removes a bound socket file when the socket is disposed, but a killed process leaves it. Put the file back.
        File.Move(path + ".kept", path);
        await using (HttpCase http = await HttpCase.StartAsync(with: settings => settings with { Socket = path }))
        {
            using HttpClient client = Through(path);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("http://localhost/health")).StatusCode);
        }

        File.WriteAllText(path, "mine");
        await Assert.ThrowsAsync<Core.EstreamStorageException>(
            () => HttpCase.StartAsync(with: settings => settings with { Socket = path }));
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Proxy_headers_are_trusted_only_from_a_configured_proxy(bool isConfigured, bool expected)
    {
        await using HttpCase http = await HttpCase.StartAsync(token: Token,
            with: settings => isConfigured ? settings with { Proxies = [IPNetwork.Parse("127.0.0.1/32")] } : settings);
        using HttpRequestMessage request = new(HttpMethod.Put, "/api/session");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Add("X-Forwarded-Proto", "https");

        HttpResponseMessage answer = await http.Client.SendAsync(request);

        // The cookie is marked Secure only over TLS.
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Equal(expected, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("console.example")]
    [InlineData("localhost")]
    public async Task A_request_forwarded_by_a_configured_proxy_requires_a_token_for_every_host_name(string host)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin,
            with: settings => settings with { Proxies = [IPNetwork.Parse("127.0.0.1/32")] });
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/session")).StatusCode);
        using HttpRequestMessage forwarded = new(HttpMethod.Get, "/api/session");
        forwarded.Headers.Host = host;
        forwarded.Headers.Add("X-Forwarded-For", "127.0.0.1");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.SendAsync(forwarded)).StatusCode);
    }

    [Fact]
    public async Task A_rebound_name_does_not_get_the_loopback_role()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin,
            with: settings => settings with { Proxies = [IPNetwork.Parse("10.0.0.0/8")] });
        using HttpRequestMessage rebound = new(HttpMethod.Get, "/api/session");
        rebound.Headers.Host = "rebound.example";

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.SendAsync(rebound)).StatusCode);
    }

    private string MessageOf(string certificate, string key)
    {
        string files = $"\"Certificate\":\"{_folder.Combine(certificate)}\",\"CertificateKey\":\"{_folder.Combine(key)}\"";
        using ConfigurationCase configured = new($"{{\"Estream\":{{\"Http\":{{{files}}}}}}}");
        return configured.Message();
    }

    private Host.Configuration.HttpSettings Secure(Host.Configuration.HttpSettings settings) =>
        settings with { Certificate = _folder.Combine("a.crt"), CertificateKey = _folder.Combine("a.key") };

    private static async Task<(HttpVersion2Answer Answer, X509Certificate2 Shown)> AskAsync(Uri address)
    {
        X509Certificate2? shown = null;
        using SocketsHttpHandler handler = new()
        {
            SslOptions = new System.Net.Security.SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                    return shown is not null;
                },
            },
        };
        using HttpClient client = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(address, "/api/overview"))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage answer = await client.SendAsync(request);
        return (new HttpVersion2Answer(answer.StatusCode, answer.Version), shown!);
    }

    private static HttpClient Through(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static Task<TcpClient> OpenAsync(HttpCase http) => OpenAsync(http.Address);

    private static async Task<TcpClient> OpenAsync(Uri address)
    {
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        return client;
    }

    /// <summary>The answer on a new connection; null if the host closes it, which the client may notice at any
    /// step.</summary>
    private static Task<string?> AnswerOfNewAsync(HttpCase http) => AnswerOfNewAsync(http.Address);

    private static async Task<string?> AnswerOfNewAsync(Uri address)
    {
        try
        {
            using TcpClient client = await OpenAsync(address);
            return await AnswerAsync(client);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>The whole answer to a request for /health.</summary>
    private static async Task<string> AnswerAsync(TcpClient client)
    {
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        byte[] buffer = new byte[4_096];
        string answer = "";
        while (!IsWhole(answer))
        {
            int length = await stream.ReadAsync(buffer);
            answer += length > 0 ? Encoding.ASCII.GetString(buffer, 0, length) : throw new IOException($"closed after '{answer}'");
        }

        return answer;
    }

    private static bool IsWhole(string answer)
    {
        int end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Match length = Regex.Match(answer, @"Content-Length: (\d+)");
        return end >= 0 && (length.Success
            ? answer.Length == end + 4 + int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture)
            : answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
    }

    private sealed class SettableTime : TimeProvider
    {
        public long Now { get; set; } = 1;

        public override long GetTimestamp() => Now;
    }

    private sealed record HttpVersion2Answer(HttpStatusCode Status, Version Version);
}
