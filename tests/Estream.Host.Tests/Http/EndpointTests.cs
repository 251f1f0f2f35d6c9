using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Tests.Metrics;

namespace Estream.Host.Tests.Http;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("ready", HttpStatusCode.OK)]
    [InlineData("starting", HttpStatusCode.ServiceUnavailable)]
    [InlineData("degraded", HttpStatusCode.ServiceUnavailable)]
    [InlineData("stopping", HttpStatusCode.ServiceUnavailable)]
    public async Task Health_returns_200_only_when_ready(string status, HttpStatusCode expected)
    {
        await using HttpCase http =
            await HttpCase.StartAsync(new FakeView { Health = new HealthReport(status, [new AdapterHealth("a", "t", "healthy", "d")]) });

        HttpResponseMessage answer = await http.Client.GetAsync("/health");

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(
            $$$"""{"status":"{{{status}}}","adapters":[{"name":"a","type":"t","state":"healthy","detail":"d"}]}""",
            await answer.Content.ReadAsStringAsync());
        Assert.Equal(await answer.Content.ReadAsStringAsync(), await http.Client.GetStringAsync("/api/health"));
    }

    [Fact]
    public async Task Metrics_are_in_the_text_format()
    {
        using Meter meter = new("Estream.Endpoint.Test");
        await using HttpCase http = await HttpCase.StartAsync();
        await http.Client.GetAsync("/metrics");
        meter.CreateCounter<long>("estream.endpoint.test").Add(3);

        HttpResponseMessage answer = await http.Client.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains(PrometheusGrammar.Parse(await answer.Content.ReadAsStringAsync()),
            sample => sample is { Key: "estream_endpoint_test_total", Value: 3 });
    }

    [Theory]
    [InlineData("/api/overview",
        """{"version":"1.2.3","startedAt":"1970-01-01T00:00:00+00:00","uptimeSeconds":1.5,"adapters":[],"queues":[{"name":"telemetry","messages":1,"bytes":2,"segments":3,"ratePerSecond":4.5,"durability":"PageCache","isPaused":false,"retentionHeldBy":"","evictedSegments":0}],"maps":[],"pipelines":[],"circuits":[],"witnesses":[],"tenants":[],"queueCount":1,"mapCount":0,"cards":[],"multicast":[],"replicas":[],"replication":[],"totals":{"messages":1,"bytes":2,"ratePerSecond":4.5,"mapEntries":0},"quarantined":[],"alerts":[]}""")]
    [InlineData("/api/adapters/plant/devices",
        """[{"name":"plc","address":"10.0.0.5:502","state":"healthy","detail":"The device answers.","polls":7,"errors":1,"lastPollAt":1700000000123,"jitterMicros":250},{"name":"rtu","address":"/dev/ttyS0","state":"unhealthy","detail":"The device is not connected yet.","polls":0,"errors":0,"lastPollAt":null,"jitterMicros":null}]""")]
    [InlineData("/api/adapters/bank/payments",
        """[{"messageId":"M-1","index":0,"endToEndId":"E-1","isReceived":true,"status":"PDNG","recordedAt":1700000000123,"deadlineAt":1700000060123},{"messageId":"M-1","index":1,"endToEndId":null,"isReceived":false,"status":null,"recordedAt":1700000000123,"deadlineAt":1700000060123}]""")]
    [InlineData("/api/adapters/bank/payments?limit=1",
        """[{"messageId":"M-1","index":0,"endToEndId":"E-1","isReceived":true,"status":"PDNG","recordedAt":1700000000123,"deadlineAt":1700000060123}]""")]
    [InlineData("/api/queues/telemetry/messages", "[50]")]
    [InlineData("/api/queues/telemetry/messages?last=7", "[7]")]
    [InlineData("/api/queues/telemetry/messages?path=/devices/*/telemetry", "[50,\"/devices/*/telemetry\"]")]
    [InlineData("/api/queues/telemetry/messages?last=7&path=%2Fdevices%2Fp%C3%BC&lattice=estream.iot.**",
        "[7,\"estream.iot.**\",\"/devices/pü\"]")]
    [InlineData("/api/alerts", "[]")]
    [InlineData("/api/alerts/log", "[]")]
    [InlineData("/api/maps/latest", """{"prefix":"","limit":200}""")]
    [InlineData("/api/maps/latest?prefix=p%C3%BC&limit=3", """{"prefix":"pü","limit":3}""")]
    [InlineData("/api/maps/latest/pump-7", "\"pump-7\"")]
    [InlineData("/api/maps/latest/pump/with/slashes", "\"pump/with/slashes\"")]
    [InlineData("/api/maps/latest/pump%2Fwith%2fslashes/and%20more?x=/", "\"pump/with/slashes/and more\"")]
    [InlineData("/api/maps/latest/pump%252Fx", "\"pump%2Fx\"")]
    [InlineData("/api/maps/latest/pump%252F%2Fx", "\"pump%2F/x\"")]
    public async Task Data_is_returned_as_JSON(string path, string expected)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_map_key_in_an_absolute_request_URL_is_decoded_once()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, http.Address.Port);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {http.Address}api/maps/latest/pump%252F HTTP/1.1\r\nHost: {http.Address.Authority}\r\nConnection: close\r\n\r\n"));

        using StreamReader answer = new(client.GetStream());

        Assert.Contains("\"pump%2F\"", await answer.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/queues/nowhere/messages", HttpStatusCode.NotFound)]
    [InlineData("/api/maps/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/api/maps/latest/other", HttpStatusCode.NotFound)]
    [InlineData("/api/queues/telemetry/messages?last=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?last=1001", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?last=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?lattice=", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?lattice=/devices", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?lattice=estream..iot", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?path=devices/*", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/telemetry/messages?path=/devices/pump*", HttpStatusCode.BadRequest)]
    [InlineData("/api/adapters/plant/payments", HttpStatusCode.NotFound)]
    [InlineData("/api/adapters/bank/payments?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/maps/latest?limit=-1", HttpStatusCode.BadRequest)]
    [InlineData("/api/maps/latest?after=%01x", HttpStatusCode.BadRequest)]
    [InlineData("/api/maps?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/maps/nowhere/history?key=x", HttpStatusCode.NotFound)]
    [InlineData("/api/maps/latest/history?key=x&limit=1001", HttpStatusCode.BadRequest)]
    public async Task An_error_response_contains_the_reason(string path, HttpStatusCode expected)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.StartsWith("{\"error\":\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<Exception> Failures =>
    [
        new EstreamStorageException("'/secret/path' is gone", "/secret/path", StorageFailure.NotFound),
        new ArgumentException("/secret/path"),
        new KeyNotFoundException("/secret/path"),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_returns_an_error_status_without_details(Exception failure)
    {
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { Failure = failure });

        HttpResponseMessage answer = await http.Client.GetAsync("/api/queues/telemetry/messages");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("The log of the host contains the reason.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_requests_are_rejected()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage empty = await http.Client.PostAsync("/api/overview", null);
        HttpResponseMessage deletion = await http.Client.DeleteAsync("/api/queues/telemetry");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, empty.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, deletion.StatusCode);
    }

    [Fact]
    public async Task The_console_is_served_and_its_hashed_files_are_cacheable()
    {
        await using HttpCase http = await HttpCase.StartAsync(withConsole: true);

        HttpResponseMessage page = await http.Client.GetAsync("/");
        HttpResponseMessage script = await http.Client.GetAsync("/assets/index-abc.js");

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
        Assert.Contains("immutable", script.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.Client.GetAsync("/assets/..%2f..%2fsecret")).StatusCode);
    }

    [Fact]
    public async Task A_host_without_the_console_explains_how_to_build_it()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        Assert.Contains("npm run build", await http.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
