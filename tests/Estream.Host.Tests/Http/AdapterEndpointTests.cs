using System.Net;
using System.Text.Json;
using Estream.Crypto;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: the page of an adapter gets its state and tables, within limits, and only operators pause it.</summary>
public sealed class AdapterEndpointTests
{
    [Theory]
    [InlineData("/api/adapters/other", HttpStatusCode.NotFound)]
    [InlineData("/api/adapters/other/tables/clients", HttpStatusCode.NotFound)]
    [InlineData("/api/adapters/front/tables/other", HttpStatusCode.NotFound)]
    [InlineData("/api/adapters/front/tables/clients?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/adapters/front/tables/clients?limit=1001", HttpStatusCode.BadRequest)]
    [InlineData("/api/adapters/front/tables/clients?limit=x", HttpStatusCode.BadRequest)]
    public async Task An_error_response_contains_the_reason(string path, HttpStatusCode expected)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.StartsWith("{\"error\":\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("search", 201)]
    [InlineData("after", 513)]
    public async Task A_long_search_or_cursor_is_refused(string name, int length)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync($"/api/adapters/front/tables/clients?{name}={new string('a', length)}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/adapters/front",
        """{"name":"front","type":"mqtt-endpoint","state":"healthy","detail":"Listening.","connections":1,"receivedTotal":2,"rejectedTotal":3,"restarts":0,"deviceCount":0,"waitingPaymentCount":0,"isPaused":false,"pauseReasons":[],"queues":["telemetry"],"deadLetters":"dead-letters","egress":["commands"],"rejections":[{"reason":"no mapping","detail":"no mapping (from a)","count":3,"lastAt":1700000000123,"lastSequence":12}],"tables":[{"name":"clients","title":"Clients","total":5}]}""")]
    [InlineData("/api/adapters/front/tables/clients?limit=1",
        """{"columns":[{"name":"clientId","title":"Client id","kind":"id"},{"name":"keepAlive","title":"Keep-alive","kind":"duration","unit":"s"},{"name":"filters","title":"Filters","kind":"list"}],"rows":[["c0",0,["a/#"]]],"total":5,"next":"c0"}""")]
    [InlineData("/api/adapters/front/tables/clients?limit=2&after=c1&search=C",
        """{"columns":[{"name":"clientId","title":"Client id","kind":"id"},{"name":"keepAlive","title":"Keep-alive","kind":"duration","unit":"s"},{"name":"filters","title":"Filters","kind":"list"}],"rows":[["c2",2,["a/#"]],["c3",3,["a/#"]]],"total":4,"next":null}""")]
    public async Task State_and_tables_are_returned_as_JSON(string path, string expected)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Long_texts_and_lists_of_peers_are_shortened()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        using JsonDocument page = JsonDocument.Parse(await http.Client.GetStringAsync("/api/adapters/front/tables/clients?after=c3"));

        JsonElement row = page.RootElement.GetProperty("rows")[0];
        Assert.Equal(new string('x', 1_024) + "…", row[0].GetString());
        Assert.Equal(JsonValueKind.Null, row[1].ValueKind);
        Assert.Equal((101, "… and 400 more"), (row[2].GetArrayLength(), row[2][100].GetString()));
    }

    [Fact]
    public async Task Pause_and_resume_need_the_role_operator_and_return_the_adapter()
    {
        await using (HttpCase viewer = await HttpCase.StartAsync(role: AccessRole.Viewer))
        {
            Assert.Equal(HttpStatusCode.OK, (await viewer.Client.GetAsync("/api/adapters/front")).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.Client.PutAsync("/api/adapters/front/pause", null)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.Client.PutAsync("/api/adapters/front/resume", null)).StatusCode);
        }

        await using HttpCase http = await HttpCase.StartAsync(role: AccessRole.Operator);
        Assert.Equal(HttpStatusCode.NotFound, (await http.Client.PutAsync("/api/adapters/other/pause", null)).StatusCode);
        foreach ((string action, string expected) in new[]
        {
            ("pause", "\"isPaused\":true,\"pauseReasons\":[\"operator\"]"), ("resume", "\"isPaused\":false,\"pauseReasons\":[]"),
        })
        {
            HttpResponseMessage answer = await http.Client.PutAsync($"/api/adapters/front/{action}", null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains(expected, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
