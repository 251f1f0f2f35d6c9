using System.Net;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Tests.Http;
using Estream.Host.Widgets;
using Estream.Testing;

namespace Estream.Host.Tests.Widgets;

/// <summary>Goal: consoles share dashboards, and no change of a dashboard is lost or half stored.</summary>
public sealed class DashboardEndpointTests
{
    private const string Plant = """{"format":1,"title":"Plant","widgets":[]}""";
    private const string Widget =
        """{"id":"a","widget":"builtin/rates","x":0,"y":0,"cols":4,"rows":3,"title":null,"config":{"queue":"orders"}}""";

    [Fact]
    public async Task A_dashboard_is_created_read_replaced_and_deleted()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string full = $$"""{"format":1,"title":"Plant ü","widgets":[{{Widget}}]}""";

        string first = TagOf(await SendAsync(http, "PUT", "plant", Plant, create: true), HttpStatusCode.NoContent);
        string second = TagOf(await SendAsync(http, "PUT", "plant", full, match: first), HttpStatusCode.NoContent);

        using HttpResponseMessage read = await http.Client.GetAsync("/api/dashboards/plant");
        Assert.Equal(full, await read.Content.ReadAsStringAsync());
        Assert.Equal(second, read.Headers.ETag!.ToString());
        JsonElement row = Assert.Single((await ListAsync(http)).EnumerateArray());
        Assert.Equal(("plant", "Plant ü", second), (Text(row, "name"), Text(row, "title"), Text(row, "etag")));
        Assert.False(row.TryGetProperty("error", out _));

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(http, "DELETE", "plant", match: second)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.Client.GetAsync("/api/dashboards/plant")).StatusCode);
        Assert.Empty((await ListAsync(http)).EnumerateArray());
    }

    [Fact]
    public async Task A_version_that_the_browser_has_is_not_sent_again()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string tag = TagOf(await SendAsync(http, "PUT", "plant", Plant, create: true), HttpStatusCode.NoContent);
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/dashboards/plant");
        request.Headers.TryAddWithoutValidation("If-None-Match", "W/" + tag);

        using HttpResponseMessage answer = await http.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_change_of_another_version_is_refused_with_the_present_tag()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string first = TagOf(await SendAsync(http, "PUT", "plant", Plant, create: true), HttpStatusCode.NoContent);
        string second = TagOf(
            await SendAsync(http, "PUT", "plant", Plant.Replace("Plant", "Site", StringComparison.Ordinal), match: first),
            HttpStatusCode.NoContent);

        Assert.Equal(second, await ConflictAsync(await SendAsync(http, "PUT", "plant", Plant, match: first)));
        Assert.Equal(second, await ConflictAsync(await SendAsync(http, "PUT", "plant", Plant, create: true)));
        Assert.Equal(second, await ConflictAsync(await SendAsync(http, "DELETE", "plant", match: first)));
        Assert.Null(await ConflictAsync(await SendAsync(http, "PUT", "other", Plant, match: first)));
        Assert.Null(await ConflictAsync(await SendAsync(http, "DELETE", "other", match: first)));
        Assert.Contains("Site", await http.Client.GetStringAsync("/api/dashboards/plant"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_without_a_precondition_is_refused()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        Assert.Equal(HttpStatusCode.PreconditionRequired, (await SendAsync(http, "PUT", "plant", Plant)).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionRequired,
            (await SendAsync(http, "PUT", "plant", Plant, match: "\"x\"", create: true)).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionRequired, (await SendAsync(http, "DELETE", "plant")).StatusCode);
        Assert.False(Directory.Exists(Path.Combine(http.Data, "dashboards")));
    }

    [Theory]
    [InlineData("..%2Fsecret")]
    [InlineData("%2e%2e")]
    [InlineData("Plant")]
    [InlineData("-plant")]
    [InlineData("plant.json")]
    [InlineData("pl%C3%A4nt")]
    [InlineData("plant%00")]
    [InlineData("plant%0a")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public async Task An_invalid_name_of_a_dashboard_reaches_no_file(string name)
    {
        await using HttpCase http = await HttpCase.StartAsync();
        Directory.CreateDirectory(http.Data);
        File.WriteAllText(Path.Combine(http.Data, "secret.json"), Plant);

        foreach (string method in (string[])["GET", "PUT", "DELETE"])
        {
            using HttpResponseMessage answer = await SendAsync(http, method, name, method == "PUT" ? Plant : null,
                match: method == "DELETE" ? "\"x\"" : null, create: method == "PUT");
            Assert.Contains(answer.StatusCode,
                (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed]);
        }

        Assert.Equal(["secret.json"], Directory.GetFileSystemEntries(http.Data).Select(Path.GetFileName));
    }

    public static TheoryData<string, string> Invalid => new()
    {
        { "[]", "must be a JSON object" },
        { "{", "not valid JSON" },
        { """{"format":1,"title":"Plant"}""", "has no widgets" },
        { """{"format":2,"title":"Plant","widgets":[]}""", "format must be" },
        { """{"format":1,"title":"","widgets":[]}""", "title must be" },
        { """{"format":1,"title":"a\u0000b","widgets":[]}""", "title must be" },
        { """{"format":1,"title":"\ud800","widgets":[]}""", "surrogate" },
        { """{"format":1,"title":"Plant","widgets":{}}""", "widgets must be an array" },
        { """{"format":1,"title":"Plant","widgets":[],"more":1}""", "unknown member" },
        { """{"format":1,"title":"Plant","title":"Other","widgets":[]}""", "title more than once" },
        { With("null"), "widgets[0] must be an object" },
        { With("{}"), "widgets[0] has no id" },
        { With(Widget.Replace("\"x\":0", "\"x\":9", StringComparison.Ordinal)), "ends right of column 12" },
        { With(Widget.Replace("\"x\":0", "\"x\":0.5", StringComparison.Ordinal)), "widgets[0].x must be a whole number" },
        { With(Widget.Replace("\"y\":0", "\"y\":99999999999", StringComparison.Ordinal)), "widgets[0].y must be" },
        { With(Widget.Replace("\"cols\":4", "\"cols\":13", StringComparison.Ordinal)), "widgets[0].cols must be" },
        { With(Widget.Replace("\"rows\":3", "\"rows\":0", StringComparison.Ordinal)), "widgets[0].rows must be" },
        { With(Widget.Replace("{\"queue\":\"orders\"}", "[]", StringComparison.Ordinal)), "config must be an object" },
        { With(Widget.Replace("\"title\":null", "\"title\":7", StringComparison.Ordinal)), "widgets[0].title must be" },
        { With(Widget.Replace("builtin/rates", "@acme/doors;curl x|sh", StringComparison.Ordinal)), "widgets[0].widget must be the name" },
        { With(Widget.Replace("builtin/rates", "builtin/../rates", StringComparison.Ordinal)), "widgets[0].widget must be the name" },
        { With($"{Widget},{Widget}"), "widgets[1].id is the id of another widget" },
        { With(string.Join(',', Enumerable.Range(0, 65).Select(i => Widget.Replace("\"a\"", $"\"{i}\"", StringComparison.Ordinal)))),
            "at most 64 widgets" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task A_dashboard_with_an_error_is_refused_with_the_member(string body, string reason)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        using HttpResponseMessage answer = await SendAsync(http, "PUT", "plant", body, create: true);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty((await ListAsync(http)).EnumerateArray());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string large = With(Widget.Replace("orders", new string('q', DashboardFolder.MaxBytes), StringComparison.Ordinal));

        using HttpResponseMessage answer = await SendAsync(http, "PUT", "plant", large, create: true);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_damaged_file_is_an_error_of_its_dashboard_only_and_can_be_replaced()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string folder = Path.Combine(http.Data, "dashboards");
        await SendAsync(http, "PUT", "plant", Plant, create: true);
        File.WriteAllText(Path.Combine(folder, "broken.json"), "{");
        File.WriteAllText(Path.Combine(folder, "Foreign.json"), Plant);
        File.WriteAllText(Path.Combine(folder, "draft.json.new"), Plant);
        File.WriteAllBytes(Path.Combine(folder, "huge.json"), new byte[DashboardFolder.MaxBytes + 1]);
        File.CreateSymbolicLink(Path.Combine(folder, "link.json"), Path.Combine(folder, "plant.json"));

        JsonElement[] rows = [.. (await ListAsync(http)).EnumerateArray()];

        Assert.Equal(["broken", "huge", "link", "plant"], rows.Select(row => Text(row, "name")));
        Assert.Equal([true, true, true, false], rows.Select(row => row.TryGetProperty("error", out _)));
        using HttpResponseMessage broken = await http.Client.GetAsync("/api/dashboards/broken");
        Assert.Equal(HttpStatusCode.InternalServerError, broken.StatusCode);
        Assert.Contains("not valid JSON", await broken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (JsonElement row in rows.Take(3))
        {
            using HttpResponseMessage repaired = await SendAsync(http, "PUT", Text(row, "name"), Plant, match: Text(row, "etag"));
            Assert.Equal(HttpStatusCode.NoContent, repaired.StatusCode);
        }

        Assert.Equal(Plant, await http.Client.GetStringAsync("/api/dashboards/link"));
    }

    [Fact]
    public async Task The_number_of_dashboards_is_limited()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        string folder = Path.Combine(http.Data, "dashboards");
        string tag = TagOf(await SendAsync(http, "PUT", "d0", Plant, create: true), HttpStatusCode.NoContent);
        for (int i = 1; i < DashboardFolder.MaxDashboards; i++)
        {
            File.WriteAllText(Path.Combine(folder, $"d{i}.json"), Plant);
        }

        using HttpResponseMessage more = await SendAsync(http, "PUT", "more", Plant, create: true);

        Assert.Equal(HttpStatusCode.Conflict, more.StatusCode);
        Assert.Contains("256", await more.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(http, "PUT", "d0", With(Widget), match: tag)).StatusCode);
    }

    [Fact]
    public void A_write_that_the_device_refuses_leaves_the_old_dashboard()
    {
        using TempDirectory root = new();
        FailingFlushStorage storage = new();
        DashboardFolder folder = new(root.Combine("dashboards"), storage);
        string tag = folder.Write("plant", Encoding.UTF8.GetBytes(Plant), null).Tag!;
        storage.Fails = true;

        Assert.Throws<EstreamStorageException>(() => folder.Write("plant", Encoding.UTF8.GetBytes(With(Widget)), tag));
        Assert.Throws<EstreamStorageException>(() => folder.Write("site", Encoding.UTF8.GetBytes(Plant), null));

        Assert.Single(folder.List());
        StoredDashboard kept = folder.Read("plant")!;
        Assert.Equal(("plant", tag), (kept.Name, kept.Tag));
        storage.Fails = false;
        Assert.Equal(DashboardOutcome.Done, folder.Write("plant", Encoding.UTF8.GetBytes(With(Widget)), tag).Outcome);
    }

    [Fact]
    public async Task Only_operators_change_dashboards_and_tokens_with_scopes_read_none()
    {
        using TempDirectory root = new();
        string tokens = root.Combine("tokens");
        AccessScopes scopes = AccessScopes.Create(["orders:read"], [], reachesFhir: false);
        string viewer = AccessTokenFile.Create(tokens, "eve", AccessRole.Viewer, null, DateTimeOffset.UtcNow);
        string scoped = AccessTokenFile.Create(tokens, "ann", AccessRole.Operator, null, DateTimeOffset.UtcNow, scopes);
        await using HttpCase http = await HttpCase.StartAsync(tokens: tokens, role: AccessRole.None);

        http.Client.DefaultRequestHeaders.Authorization = new("Bearer", viewer);
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/dashboards")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(http, "PUT", "plant", Plant, create: true)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(http, "DELETE", "plant", match: "\"x\"")).StatusCode);
        http.Client.DefaultRequestHeaders.Authorization = new("Bearer", scoped);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.Client.GetAsync("/api/dashboards")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(http, "PUT", "plant", Plant, create: true)).StatusCode);
    }

    private static string With(string widgets) => $$"""{"format":1,"title":"Plant","widgets":[{{widgets}}]}""";

    private static string Text(JsonElement row, string member) => row.GetProperty(member).GetString()!;

    private static async Task<JsonElement> ListAsync(HttpCase http) =>
        (await ApiRig.JsonAsync(http.Client, "/api/dashboards")).GetProperty("dashboards");

    private static string TagOf(HttpResponseMessage answer, HttpStatusCode expected)
    {
        Assert.Equal(expected, answer.StatusCode);
        return answer.Headers.ETag!.ToString();
    }

    private static async Task<string?> ConflictAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        JsonElement body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.NotEmpty(Text(body, "error"));
        return body.GetProperty("etag").GetString();
    }

    private static Task<HttpResponseMessage> SendAsync(
        HttpCase http, string method, string name, string? body = null, string? match = null, bool create = false)
    {
        HttpRequestMessage request = new(new HttpMethod(method), $"/api/dashboards/{name}");
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (match is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", match);
        }

        if (create)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        }

        return http.Client.SendAsync(request);
    }
}
