using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Host.Tests.Http;
using Estream.Testing;

namespace Estream.Host.Tests.Widgets;

/// <summary>Goal: the console gets the installed widgets with all that it shows and checks, and only their bundle and images.</summary>
public sealed class WidgetEndpointTests : IDisposable
{
    private readonly WidgetCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task The_list_has_widgets_themes_and_refused_components()
    {
        _case.InstallWidget();
        _case.InstallWidget("@acme/refused", approved: []);
        _case.InstallTheme(":root { --accent: #c3f05a; }\n");
        await using HttpCase http = await StartAsync();

        JsonElement list = await ApiRig.JsonAsync(http.Client, "/api/widgets");

        JsonElement widget = Assert.Single(list.GetProperty("widgets").EnumerateArray());
        string root = _case.Locked("@acme/doors").Root256;
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(WidgetCase.Bundle)));
        string stamp = widget.GetProperty("stamp").GetString()!;
        Assert.Matches("^[0-9a-f]{32}$", stamp);
        string expected = $$$$"""
            {"id":"@acme/doors","version":"0.1.0","title":"Doors","description":"A component of a test","category":"observability",
            "requiredRoles":["operator"],"minSize":{"cols":2,"rows":2},"defaultSize":{"cols":4,"rows":3},"maxSize":{"cols":8,"rows":6},
            "configSchema":{"type":"object","properties":{"unit":{"type":"string","default":"s"}}},"tier":null,"keyId":"a-key",
            "source":"directory:here","root256":"{{{{root}}}}","stamp":"{{{{stamp}}}}","permissions":["data:read.doors"],
            "streams":["lex://acme/doors/{door}/moves"],"tables":["doors_open"],"supportsLightMode":true,"customAccent":null,
            "entry":"dist/index.js","sha256":"{{{{sha256}}}}","bytes":{{{{WidgetCase.Bundle.Length}}}},"icon":"assets/icon.svg",
            "thumbnail":null,"screenshots":[],"circuits":[]}
            """;
        Assert.Equal(expected.ReplaceLineEndings(""), widget.GetRawText());
        Assert.Equal(
            """{"name":"@acme/brass","version":"1.0.0","title":"A component of a test","modes":["dark"],"tokens":{"--accent":"#c3f05a"}}""",
            Assert.Single(list.GetProperty("themes").EnumerateArray()).GetRawText());
        JsonElement refused = Assert.Single(list.GetProperty("refused").EnumerateArray());
        Assert.Equal("@acme/refused", refused.GetProperty("name").GetString());
        Assert.Contains(refused.GetProperty("root256").GetString()!, refused.GetProperty("reason").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_a_workspace_has_no_widgets()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        Assert.Equal("""{"widgets":[],"themes":[],"refused":[]}""", await http.Client.GetStringAsync("/api/widgets"));
    }

    [Fact]
    public async Task A_list_that_the_browser_has_is_not_sent_again()
    {
        _case.InstallWidget();
        await using HttpCase http = await StartAsync();
        using HttpResponseMessage first = await http.Client.GetAsync("/api/widgets");
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/widgets");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using HttpResponseMessage second = await http.Client.SendAsync(request);

        Assert.Equal("no-cache, private", first.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task A_damaged_lock_is_an_error_with_the_file()
    {
        File.WriteAllText(_case.LockPath, "{}");
        await using HttpCase http = await StartAsync();

        using HttpResponseMessage answer = await http.Client.GetAsync("/api/widgets");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("estream-workspace.lock", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bundle_is_served_from_verified_memory()
    {
        _case.InstallWidget();
        await using HttpCase http = await StartAsync();
        await http.Client.GetStringAsync("/api/widgets");
        string file = _case.FileOf("@acme/doors", "dist/index.js");
        DateTime time = File.GetLastWriteTimeUtc(file);
        File.SetAttributes(file, FileAttributes.Normal);
        File.WriteAllText(file, WidgetCase.Bundle.Replace("null", "1234", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(file, time);

        using HttpResponseMessage answer = await http.Client.GetAsync("/api/widgets/@acme/doors/0.1.0/files/dist/index.js");

        Assert.Equal(WidgetCase.Bundle, await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("private, max-age=31536000, immutable", answer.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task A_drawing_opened_as_a_page_runs_no_scripts()
    {
        _case.InstallWidget();
        await using HttpCase http = await StartAsync();

        using HttpResponseMessage answer = await http.Client.GetAsync("/api/widgets/@acme/doors/0.1.0/files/assets/icon.svg");

        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("sandbox; default-src 'none'; style-src 'unsafe-inline'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData("@acme/doors/0.1.0/files/assets/secret.txt")]
    [InlineData("@acme/doors/0.1.0/files/estream-component.toml")]
    [InlineData("@acme/doors/0.1.0/files/widget.manifest.yaml")]
    [InlineData("@acme/doors/0.1.0/files/dist/%2e%2e/dist/index.js")]
    [InlineData("@acme/doors/0.1.0/files/dist%2Findex.js%00")]
    [InlineData("@acme/doors/0.1.0/files/")]
    [InlineData("@acme/doors/0.2.0/files/dist/index.js")]
    [InlineData("@acme/none/0.1.0/files/dist/index.js")]
    [InlineData("@acme/refused/0.1.0/files/dist/index.js")]
    public async Task Other_files_are_not_served(string path)
    {
        _case.InstallWidget();
        _case.InstallWidget("@acme/refused", approved: []);
        await using HttpCase http = await StartAsync();

        using HttpResponseMessage answer = await http.Client.GetAsync(new Uri(http.Address, $"/api/widgets/{path}"));

        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest
            || path.Contains("%2e", StringComparison.Ordinal), $"{answer.StatusCode}");
        Assert.DoesNotContain("secret\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_with_scopes_reads_widgets_and_a_caller_without_a_role_does_not()
    {
        _case.InstallWidget();
        using TempDirectory root = new();
        string tokens = root.Combine("tokens");
        string scoped = AccessTokenFile.Create(tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow,
            AccessScopes.Create(["orders:read"], [], reachesFhir: false));
        await using HttpCase http = await HttpCase.StartAsync(tokens: tokens, role: AccessRole.None, components: _case.Workspace);
        string[] paths = ["/api/widgets", "/api/widgets/@acme/doors/0.1.0/files/dist/index.js"];

        foreach (string path in paths)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.Client.GetAsync(path)).StatusCode);
        }

        http.Client.DefaultRequestHeaders.Authorization = new("Bearer", scoped);
        foreach (string path in paths)
        {
            Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync(path)).StatusCode);
        }
    }

    [Fact]
    public async Task A_console_that_connects_gets_the_tag_of_the_widgets()
    {
        _case.InstallWidget();
        await using HttpCase http = await StartAsync();
        using HttpResponseMessage list = await http.Client.GetAsync("/api/widgets");
        using StreamReader events = new(await http.Client.GetStreamAsync("/api/events?messages=false"));

        Assert.Equal(": connected", await events.ReadLineAsync());
        Assert.Equal("", await events.ReadLineAsync());
        Assert.Equal("event: widgets", await events.ReadLineAsync());
        string data = (await events.ReadLineAsync())!;
        Assert.Equal(list.Headers.ETag!.ToString(),
            JsonDocument.Parse(data["data: ".Length..]).RootElement.GetProperty("etag").GetString());
    }

    private Task<HttpCase> StartAsync() => HttpCase.StartAsync(components: _case.Workspace);
}
