using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: a request with a token can do exactly what the role of the token permits. A request without a token can do
/// nothing.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class AccessTests : IDisposable
{
    private const string Observation = "/api/circuits/none/observation?level=L1";
    private const string Component = "/api/adapters/none/component";

    private readonly TempDirectory _folder = new();

    private string Tokens => _folder.Combine("tokens");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Bearer est_00000000_wrong")]
    [InlineData("Basic !!!")]
    [InlineData("Digest a=b")]
    [InlineData("Bearer")]
    public async Task Wrong_credentials_are_rejected_even_where_none_are_required(string authorization)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin, tokens: Tokens);
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/overview");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        HttpResponseMessage answer = await http.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Contains("estream token new", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AccessRole.None, 401, 401, 401)]
    [InlineData(AccessRole.Metrics, 403, 403, 403)]
    [InlineData(AccessRole.Viewer, 200, 403, 403)]
    [InlineData(AccessRole.Operator, 200, 404, 403)]
    [InlineData(AccessRole.Developer, 200, 404, 404)]
    [InlineData(AccessRole.Admin, 200, 404, 404)]
    public async Task A_role_permits_the_documented_requests_with_a_token_and_locally(AccessRole role, int read, int observe, int update)
    {
        await using HttpCase local = await HttpCase.StartAsync(role: role);
        await using HttpCase remote = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        if (role != AccessRole.None)
        {
            Use(remote, AccessTokenFile.Create(Tokens, "", role, null, DateTimeOffset.UtcNow));
        }

        foreach (HttpCase http in new[] { local, remote })
        {
            Assert.Equal(read, (int)(await http.Client.GetAsync("/api/overview")).StatusCode);
            Assert.Equal(observe, (int)(await http.Client.PutAsync(Observation, null)).StatusCode);
            Assert.Equal(update, (int)(await http.Client.PutAsync(Component, null)).StatusCode);
        }
    }

    [Fact]
    public async Task A_request_with_an_insufficient_role_is_rejected_with_the_required_role()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        Use(http, AccessTokenFile.Create(Tokens, "prometheus", AccessRole.Viewer, null, DateTimeOffset.UtcNow));

        HttpResponseMessage answer = await http.Client.PutAsync(Component, null);

        Assert.Equal("""{"error":"The role developer is required; prometheus has the role viewer."}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_role_metrics_reads_metrics_and_health_alone()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        Use(http, AccessTokenFile.Create(Tokens, "prometheus", AccessRole.Metrics, null, DateTimeOffset.UtcNow));
        string[] readable =
        [
            .. http.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<RequiredRole>() is { Role: not AccessRole.None and <= AccessRole.Metrics })
                .Select(endpoint => endpoint.RoutePattern.RawText!),
        ];

        Assert.Equal(["/metrics"], readable);
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/metrics")).StatusCode);
        Assert.Contains("mqtt-endpoint", await http.Client.GetStringAsync("/health"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("telemetry:read", "other:read", 200, 404, "telemetry")]
    [InlineData("other:read", "latest:read", 404, 200, "")]
    public async Task A_viewer_with_scopes_sees_only_their_queues_and_maps(
        string queue, string map, int messages, int entries, string overview)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        AccessScopes scopes = AccessScopes.Create([queue], [map], reachesFhir: true);
        Use(http, AccessTokenFile.Create(Tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow, scopes));

        Assert.Equal(messages, (int)(await http.Client.GetAsync("/api/queues/telemetry/messages")).StatusCode);
        Assert.Equal(entries, (int)(await http.Client.GetAsync("/api/maps/latest")).StatusCode);
        string text = await http.Client.GetStringAsync("/api/overview");
        Assert.Equal(overview.Length > 0, text.Contains("telemetry", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/session")).StatusCode);
        Assert.DoesNotContain("mqtt-endpoint", await http.Client.GetStringAsync("/health"), StringComparison.Ordinal);
        Assert.DoesNotContain("mqtt-endpoint", await http.Client.GetStringAsync("/api/health"), StringComparison.Ordinal);
        foreach (string path in (string[])["/metrics", "/api/audit", "/api/lex", "/api/circuits/none", "/api/adapters/bank/payments"])
        {
            HttpResponseMessage refused = await http.Client.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, refused.StatusCode));
        }
    }

    [Fact]
    public async Task A_viewer_without_fhir_reads_neither_its_maps_nor_addresses_without_scopes()
    {
        QueueAccess access = new([], ["records"], [], [new MapPlan("latest", "records", "FhirCommit", "key")]);
        await using HttpCase http =
            await HttpCase.StartAsync(new FakeView { Access = access }, role: AccessRole.None, tokens: Tokens);
        AccessScopes scopes = AccessScopes.Create([], [], reachesFhir: false);
        Use(http, AccessTokenFile.Create(Tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow, scopes));

        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/queues/telemetry/messages")).StatusCode);
        foreach (string path in (string[])["/api/maps/latest", "/api/maps/latest/pump-1"])
        {
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await http.Client.GetAsync(path)).StatusCode));
        }

        foreach (string path in (string[])["/api/lex", "/api/circuits/none", "/api/circuits/none/traces", "/api/audit"])
        {
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, (await http.Client.GetAsync(path)).StatusCode));
        }
    }

    [Fact]
    public async Task A_viewer_with_scopes_gets_only_the_events_of_their_queues()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        AccessScopes scopes = AccessScopes.Create(["telemetry:read"], [], reachesFhir: true);
        Use(http, AccessTokenFile.Create(Tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow, scopes));
        await using Stream events = await http.Client.GetStreamAsync("/api/events");
        using StreamReader reader = new(events);
        Assert.Equal(": connected", await reader.ReadLineAsync());
        Assert.Equal("", await reader.ReadLineAsync());

        http.Hub.Publish(EventKind.Messages, """[{"queue":"secret","message":1},{"queue":"telemetry","message":2}]"""u8);

        Assert.Equal("event: messages", await reader.ReadLineAsync());
        Assert.Equal("""data: [{"queue":"telemetry","message":2}]""", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Revoking_a_token_ends_its_event_stream()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        Use(http, AccessTokenFile.Create(Tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow));
        await using Stream events = await http.Client.GetStreamAsync("/api/events");
        using StreamReader reader = new(events);
        Assert.Equal(": connected", await reader.ReadLineAsync());

        AccessTokenFile.Revoke(Tokens, "ann");

        // The host checks the token before each event, and checks the token file for changes at most twice a second. So the stream ends at
        // the first event after the host has noticed the change.
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        Task<string> rest = reader.ReadToEndAsync(limit.Token);
        await Eventually.TrueAsync(() =>
        {
            http.Hub.Publish(EventKind.Overview, "{}"u8);
            return Task.FromResult(rest.IsCompletedSuccessfully);
        }, "the stream has ended");
    }

    [Fact]
    public async Task Revoking_a_token_ends_its_session_while_the_host_runs()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        Use(http, AccessTokenFile.Create(Tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow));
        string cookie = await SignInAsync(http);
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/overview")).StatusCode);

        AccessTokenFile.Revoke(Tokens, "ann");

        Eventually.True(
            () => http.Client.GetAsync("/api/overview").GetAwaiter().GetResult().StatusCode == HttpStatusCode.Unauthorized,
            "the token is refused");
        http.Client.DefaultRequestHeaders.Authorization = null;
        http.Client.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync("/api/overview")).StatusCode);
    }

    [Fact]
    public async Task An_expired_token_is_rejected()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        DateTimeOffset before = DateTimeOffset.UtcNow.AddHours(-2);
        Use(http, AccessTokenFile.Create(Tokens, "", AccessRole.Admin, TimeSpan.FromHours(1), before));

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync("/api/overview")).StatusCode);
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task A_program_of_the_user_of_the_host_has_the_role_of_this_machine(AddressFamily family)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Viewer);
        using Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = true;
        }

        await socket.ConnectAsync(IPAddress.Loopback, http.Address.Port);
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync("GET /api/session HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        using StreamReader reader = new(stream);

        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task The_role_of_this_machine_ends_with_the_first_token()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin, tokens: Tokens);
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/overview")).StatusCode);

        AccessTokenFile.Create(Tokens, "", AccessRole.Metrics, TimeSpan.FromHours(1), DateTimeOffset.UtcNow.AddHours(-2));

        await Eventually.TrueAsync(
            async () => (await http.Client.GetAsync("/api/overview")).StatusCode == HttpStatusCode.Unauthorized,
            "requests without a token are refused, although the only token has expired");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Removing_the_last_token_does_not_give_the_role_of_this_machine_back(bool isRevoked)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin, tokens: Tokens);
        string token = AccessTokenFile.Create(Tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow);
        Assert.NotNull(http.Services.GetRequiredService<AccessControl>().IdentityOf(token));

        if (isRevoked)
        {
            Assert.Single(AccessTokenFile.Revoke(Tokens, "ann"));
        }
        else
        {
            File.Delete(Tokens);
        }

        // The host has seen the change as soon as the token is refused.
        await Eventually.TrueAsync(
            () => Task.FromResult(http.Services.GetRequiredService<AccessControl>().IdentityOf(token) is null), "the token is refused");
        Assert.Null(http.Services.GetRequiredService<AccessControl>().ThisMachine);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync("/api/overview")).StatusCode);
    }

    [Fact]
    public async Task A_token_file_readable_by_others_grants_no_access()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        Use(http, AccessTokenFile.Create(Tokens, "", AccessRole.Admin, null, DateTimeOffset.UtcNow));
        File.SetUnixFileMode(Tokens, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using HttpCase local = await HttpCase.StartAsync(role: AccessRole.Admin, tokens: Tokens);

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync("/api/overview")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await local.Client.GetAsync("/api/overview")).StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "for=192.0.2.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task A_request_forwarded_by_a_local_proxy_does_not_count_as_local(string header, string value)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Admin);
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/overview");
        request.Headers.Add(header, value);

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_browser_signs_in_with_a_token_gets_a_cookie_and_signs_out()
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        string token = AccessTokenFile.Create(Tokens, "ann", AccessRole.Operator, null, DateTimeOffset.UtcNow);
        Use(http, token);
        string cookie = await SignInAsync(http);
        http.Client.DefaultRequestHeaders.Authorization = null;
        http.Client.DefaultRequestHeaders.Add("Cookie", cookie);

        Assert.Equal("""{"name":"ann","role":"operator","scopes":[],"isSignedIn":true}""",
            await http.Client.GetStringAsync("/api/session"));
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/overview")).StatusCode);
        Assert.DoesNotContain(token, cookie, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(http, HttpMethod.Delete, "/api/session", "same-origin")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync("/api/overview")).StatusCode);
    }

    [Theory]
    [InlineData("same-origin", 404)]
    [InlineData("same-site", 403)]
    [InlineData("cross-site", 403)]
    [InlineData(null, 403)]
    public async Task A_cookie_permits_changes_only_from_the_console(string? site, int expected)
    {
        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.None, tokens: Tokens);
        Use(http, AccessTokenFile.Create(Tokens, "ann", AccessRole.Admin, null, DateTimeOffset.UtcNow));
        string cookie = await SignInAsync(http);
        http.Client.DefaultRequestHeaders.Authorization = null;
        http.Client.DefaultRequestHeaders.Add("Cookie", cookie);

        Assert.Equal(expected, (int)(await SendAsync(http, HttpMethod.Put, Observation, site)).StatusCode);
    }

    [Fact]
    public async Task Every_endpoint_has_a_role_that_the_guide_documents()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string[] endpoints =
        [
            .. http.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method =>
                    $"| `{method} {Parameter().Replace(endpoint.RoutePattern.RawText!, "NAME")}` | "
                    + $"{NameOf(endpoint.Metadata.GetMetadata<RequiredRole>())} |"))
                .Distinct().Order(StringComparer.Ordinal),
        ];
        string guide = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "operating", "secure.md"));

        Assert.NotEmpty(endpoints);
        Assert.DoesNotContain(endpoints, line => line.Contains("| ? |", StringComparison.Ordinal));
        Assert.DoesNotContain(endpoints, line => !guide.Contains(line, StringComparison.Ordinal));
    }

    private static string NameOf(RequiredRole? required) => required switch
    {
        null => "?",
        { Role: AccessRole.None } => "every caller",
        { Role: var role } => RoleMiddleware.NameOf(role),
    };

    private static void Use(HttpCase http, string token) =>
        http.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    private static async Task<string> SignInAsync(HttpCase http)
    {
        HttpResponseMessage answer = await http.Client.PutAsync("/api/session", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        return cookie[..cookie.IndexOf(';', StringComparison.Ordinal)];
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpCase http, HttpMethod method, string path, string? site)
    {
        using HttpRequestMessage request = new(method, path);
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        return await http.Client.SendAsync(request);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
