using System.Net.Sockets;
using System.Text;
using Estream.Testing;
using Estream.Wire.Fhir.Http;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Http;

/// <summary>Goal: one client cannot take the connections, the memory or the threads of the host.</summary>
public sealed class LoadLimitTests
{
    [Fact]
    public async Task A_connection_without_an_accepted_request_is_closed_and_an_accepted_one_stays()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { PendingTimeout = TimeSpan.FromSeconds(1) }, "reader user/*.rs");
        using TcpClient silent = await ConnectAsync(rig);
        using TcpClient refused = await ConnectAsync(rig);
        using TcpClient accepted = await ConnectAsync(rig);
        await GetAsync(refused, "other");
        await GetAsync(accepted, "reader");
        await AwaitCloseAsync(silent);
        await AwaitCloseAsync(refused);
        Assert.StartsWith("HTTP/1.1 200", await GetAsync(accepted, "reader"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_of_one_address_are_limited()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { MaxConnectionsPerAddress = 2 }, "reader user/*.rs");
        using TcpClient first = await ConnectAsync(rig);
        await GetAsync(first, "reader");
        TcpClient second = await ConnectAsync(rig);
        await GetAsync(second, "reader");
        using TcpClient third = await ConnectAsync(rig);
        await AwaitCloseAsync(third);
        second.Dispose();
        await Eventually.TrueAsync(
            async () =>
            {
                using TcpClient next = await ConnectAsync(rig);
                return (await GetAsync(next, "reader")).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            },
            "the place of the closed connection is free");
    }

    [Fact]
    public async Task Searches_of_a_request_examine_a_limited_number_of_resources()
    {
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { MaxScannedResources = 2_000, MaxBundleEntries = 2_000 });
        string patient = """
            {"resource":{"resourceType":"Patient","identifier":[{"value":"7"}]},"request":{"method":"POST","url":"Patient"}}
            """;
        string more = patient.Replace("\"7\"", "\"8\"", StringComparison.Ordinal);
        await CreateAsync([patient, .. Enumerable.Repeat(more, 100)]);
        for (int i = 0; i < 14; i++)
        {
            await CreateAsync([.. Enumerable.Repeat(more.Replace("\"8\"", $"\"n{i}\"", StringComparison.Ordinal), 100)]);
        }

        Assert.Equal(200, (await rig.SendAsync("GET", "Patient?name=zzz")).Status);
        Assert.Single((await rig.SendAsync("GET", "Patient?identifier=7")).Ids);
        const string Search = """{"request":{"method":"GET","url":"Patient?name=zzz"}}""";
        Answer batch = await rig.SendAsync("POST", "", $$"""{"resourceType":"Bundle","type":"batch","entry":[{{Search}},{{Search}}]}""");
        Assert.Equal(["200", "413"], batch.Root.GetProperty("entry").EnumerateArray()
            .Select(entry => entry.GetProperty("response").GetProperty("status").GetString()));
        for (int i = 0; i < 6; i++)
        {
            await CreateAsync([.. Enumerable.Repeat(more.Replace("\"8\"", $"\"m{i}\"", StringComparison.Ordinal), 100)]);
        }

        Answer costly = await rig.SendAsync("GET", "Patient?name=zzz");
        Assert.Equal((413, "too-costly"), (costly.Status, costly.Issue));

        async Task CreateAsync(string[] entries)
        {
            string bundle = $"{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{string.Join(',', entries)}]}}";
            Answer answer = await rig.SendAsync("POST", "", bundle);
            Assert.True(answer.Status == 200, answer.Body);
        }
    }

    [Fact]
    public void A_search_stops_when_its_client_has_left()
    {
        using CancellationTokenSource left = new();
        ScanBudget budget = new(10, left.Token);
        budget.Spend(10);
        Assert.Throws<TooCostlyException>(() => budget.Spend(1));
        left.Cancel();
        Assert.Throws<OperationCanceledException>(() => budget.Spend(1));
    }

    [Fact]
    public async Task Slots_are_shared_between_tokens()
    {
        using AnswerSlots slots = new(3, 2, TimeSpan.FromMilliseconds(50));
        (IDisposable? one, _) = await slots.TakeAsync("a", CancellationToken.None);
        (IDisposable? two, _) = await slots.TakeAsync("a", CancellationToken.None);
        Assert.Equal((null, 429), await slots.TakeAsync("a", CancellationToken.None));
        (IDisposable? other, int status) = await slots.TakeAsync("b", CancellationToken.None);
        Assert.Equal(200, status);
        Assert.Equal((null, 503), await slots.TakeAsync("b", CancellationToken.None));
        one!.Dispose();
        one.Dispose();
        (IDisposable? again, _) = await slots.TakeAsync("b", CancellationToken.None);
        Assert.NotNull(again);
        Assert.Equal((null, 503), await slots.TakeAsync("a", CancellationToken.None));
        two!.Dispose();
        other!.Dispose();
        again.Dispose();
    }

    [Fact]
    public async Task A_page_has_a_limited_length()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string note = new('x', 1 << 20);
        for (int i = 0; i < 6; i++)
        {
            await rig.CreateAsync("Observation",
                $$$"""{"resourceType":"Observation","status":"final","code":{"text":"c"},"note":[{"text":"{{{note}}}"}]}""");
        }

        Answer page = await rig.SendAsync("GET", "Observation");
        Assert.InRange(page.Ids.Count, 1, 5);
        Assert.Contains("\"relation\":\"next\"", page.Body, StringComparison.Ordinal);
    }

    private static async Task<TcpClient> ConnectAsync(ServerRig rig)
    {
        TcpClient client = new();
        await client.ConnectAsync(rig.Server.LocalEndPoint!);
        return client;
    }

    private static async Task<string> GetAsync(TcpClient client, string token)
    {
        try
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"GET /fhir/Patient?_summary=count HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"));
            byte[] answer = new byte[4_096];
            return Encoding.ASCII.GetString(answer, 0, await stream.ReadAsync(answer));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task AwaitCloseAsync(TcpClient client)
    {
        using CancellationTokenSource limit = new(Eventually.DefaultLimit);
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], limit.Token));
        }
        catch (IOException)
        {
            // The server has reset the connection.
        }
    }
}
