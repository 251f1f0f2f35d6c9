using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Host.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: the host shows its data only to authorized clients, for every page and program.</summary>
public sealed class ProtectionTests
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:5080", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]:5080", HttpStatusCode.OK)]
    [InlineData("rebound.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost.rebound.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1.rebound.example:5080", HttpStatusCode.BadRequest)]
    public async Task On_loopback_only_names_safe_from_rebinding_are_accepted(string host, HttpStatusCode expected)
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/overview");
        request.Headers.Host = host;

        Assert.Equal(expected, (await http.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/api/overview")]
    [InlineData("/nothing/here")]
    [InlineData("/api/queues/telemetry/messages?last=0")]
    public async Task Every_response_has_the_security_headers(string path)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal($"default-src 'self'; frame-src {http.Address.Authority}/widgets/frame; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; object-src 'none'", Single("Content-Security-Policy"));
        Assert.Equal("nosniff", Single("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Single("Referrer-Policy"));
        Assert.Equal("same-origin", Single("Cross-Origin-Resource-Policy"));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));

        string Single(string name) => Assert.Single(answer.Headers.GetValues(name));
    }

    [Theory]
    [InlineData("console.example:8443", "console.example:8443/widgets/frame")]
    [InlineData("[::1]:5080", "'self'")]
    [InlineData("evil.example;script-src", "'self'")]
    [InlineData("evil.example *", "'self'")]
    [InlineData("", "'self'")]
    [InlineData(null, "'self'")]
    public void A_page_may_frame_only_the_frame_of_widgets(string? host, string source) =>
        Assert.Contains($"; frame-src {source}; ", SecurityHeaders.ContentSecurityPolicy(host), StringComparison.Ordinal);

    [Fact]
    public async Task With_a_token_configured_only_basic_health_and_console_files_are_public()
    {
        await using HttpCase http = await HttpCase.StartAsync(token: Token, withConsole: true);

        foreach (string path in (string[])["/metrics", "/api/overview", "/api/events", "/api/session", "/api/maps/latest", "/API/overview"])
        {
            HttpResponseMessage refused = await http.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal(["Bearer"], refused.Headers.WwwAuthenticate.Select(h => h.Scheme));
        }

        foreach (string path in (string[])["/health", "/health/", "/Health"])
        {
            Assert.Equal("""{"status":"ready","adapters":[]}""", await http.Client.GetStringAsync(path));
        }

        Assert.Equal("export {};", await http.Client.GetStringAsync("/assets/index-abc.js"));
    }

    [Fact]
    public async Task The_token_is_accepted_as_bearer_and_as_password()
    {
        await using HttpCase http = await HttpCase.StartAsync(token: Token);

        http.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Contains("devices", await http.Client.GetStringAsync("/health"), StringComparison.Ordinal);
        http.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Base64("anyone:" + Token));
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/overview")).StatusCode);
    }

    [Theory]
    [InlineData("Bearer 0123456789abcdef0123456789abcdeX")]
    [InlineData("Bearer 0123456789abcdef")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic !!!")]
    [InlineData("Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")]
    [InlineData("Digest 0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("")]
    public void Other_credentials_are_rejected(string authorization)
    {
        Assert.NotEqual(Token, AccessControl.PresentedIn(authorization));
        Assert.Equal(Token, AccessControl.PresentedIn("bearer " + Token));
        Assert.Equal(Token, AccessControl.PresentedIn("Basic " + Base64(":" + Token)));
    }

    [Fact]
    public async Task A_client_with_too_many_requests_is_told_to_wait()
    {
        await using HttpCase http = await HttpCase.StartAsync(with: settings => settings with { MaxConnectionsPerAddress = 400 });
        bool limited = false;

        // Send requests faster than the token bucket refills, so the limit is reached after a bounded number of requests on any machine.
        for (int i = 0; i < 100 && !limited; i++)
        {
            HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => http.Client.GetAsync("/nothing")));
            limited = answers.Any(a => a.StatusCode == HttpStatusCode.TooManyRequests && a.Headers.RetryAfter is not null);
        }

        Assert.True(limited, "20,000 requests in a row were all answered");
    }

    [Fact]
    public async Task Only_a_few_responses_are_built_at_a_time_and_others_wait_or_are_rejected()
    {
        TaskCompletionSource listing = new();
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { Listing = listing.Task });
        Task<HttpResponseMessage>[] asked =
            [.. Enumerable.Range(0, RequestLimits.AnswersAtOnce - 1 + (RequestLimits.WaitingRequests / 2) + 1)
                .Select(_ => http.Client.GetAsync("/api/maps/latest"))];

        HttpResponseMessage refused = await await Task.WhenAny(asked);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/health")).StatusCode);
        listing.SetResult();
        HttpResponseMessage[] answers = await Task.WhenAll(asked);
        Assert.Equal(asked.Length - 1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public void Bodies_and_answers_have_a_minimum_rate()
    {
        KestrelServerLimits limits = new();
        RequestLimits.Configure(limits, clientConnections: 0);

        Assert.Equal(64 * 1024, limits.MinRequestBodyDataRate!.BytesPerSecond);
        Assert.Equal(64 * 1024, limits.MinResponseDataRate!.BytesPerSecond);
    }

    [Fact]
    public async Task A_page_of_a_map_is_refused_when_other_pages_take_too_long()
    {
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { Listing = Task.FromException(new TimeoutException("Busy.")) });

        HttpResponseMessage refused = await http.Client.GetAsync("/api/maps/latest");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("""{"error":"Busy."}""", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Searches_do_not_wait_for_other_answers()
    {
        TaskCompletionSource listing = new();
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { Listing = listing.Task });
        Task<HttpResponseMessage>[] asked =
            [.. Enumerable.Range(0, RequestLimits.AnswersAtOnce).Select(_ => http.Client.GetAsync("/api/maps/latest"))];

        // A change does not wait for answers.
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.PutAsync("/api/session", null)).StatusCode);
        foreach (string path in (string[])
            ["messages?from=seq:x", "export?from=seq:x", "messages/?from=seq:x", "export/?from=seq:x", "Messages?From=seq:x"])
        {
            // The fake queue refuses searches. Without a permit for searches, the request would wait, whatever the spelling of its path.
            using HttpResponseMessage answer = await http.Client.GetAsync($"/api/queues/telemetry/{path}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        Assert.DoesNotContain(asked, answer => answer.IsCompleted);
        listing.SetResult();
        await Task.WhenAll(asked);
    }

    [Theory]
    [InlineData("/api/maps/latest", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("/api/maps/latest", "same-origin", HttpStatusCode.OK)]
    [InlineData("/api/maps/latest", "none", HttpStatusCode.OK)]
    [InlineData("/health", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("/metrics", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("/assets/index-abc.js", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("/", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("/", "cross-site", HttpStatusCode.OK, "navigate")]
    [InlineData("/metrics", "cross-site", HttpStatusCode.Forbidden, "navigate")]
    [InlineData("/api/overview", "cross-site", HttpStatusCode.Forbidden, "navigate")]
    public async Task Requests_from_other_sites_are_rejected(string path, string site, HttpStatusCode expected, string mode = "no-cors")
    {
        await using HttpCase http = await HttpCase.StartAsync(withConsole: true);
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Add("Sec-Fetch-Mode", mode);

        Assert.Equal(expected, (await http.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_request_body_is_not_read()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(http.Address.Host, http.Address.Port);
        NetworkStream stream = client.GetStream();

        // If the server read the body of ten bytes, it would find and answer the second request.
        await stream.WriteAsync(
            ("GET /api/overview HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789"u8
            + "GET /api/overview HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8).ToArray());
        using StreamReader reader = new(stream);
        string answers = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));

        // A GET needs no body. The host answers without reading it and closes the connection, or rejects its size.
        Assert.Single(Regex.Matches(answers, "HTTP/1.1 "));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
