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
                try
                {
                    using TcpClient next = await ConnectAsync(rig);
                    return (await GetAsync(next, "reader")).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
                }
                catch (IOException)
                {
                    return false;   // the server has refused the connection and closed it
                }
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
    public async Task Conditions_of_a_request_examine_a_limited_number_of_resources()
    {
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { MaxScannedResources = 1_000, MaxBundleEntries = 2_000 });
        const string Patient = """{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}""";
        Assert.Equal(200, (await SendAsync("transaction", Enumerable.Repeat(Patient, 600))).Status);
        const string Update = """{"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient?name=zzz"}}""";
        Answer batch = await SendAsync("batch", [Update, Update]);
        Assert.Equal(["201", "413"], batch.Root.GetProperty("entry").EnumerateArray()
            .Select(entry => entry.GetProperty("response").GetProperty("status").GetString()));
        const string Refused = """
            {"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient?name=zzz","ifMatch":"W/\"7\""}}
            """;
        Answer refused = await SendAsync("batch", [Refused, Refused]);
        Assert.Equal(["412", "413"], refused.Root.GetProperty("entry").EnumerateArray()
            .Select(entry => entry.GetProperty("response").GetProperty("status").GetString()));
        Answer transaction = await SendAsync("transaction", [Update, Update]);
        Assert.Equal((413, "too-costly"), (transaction.Status, transaction.Issue));

        Task<Answer> SendAsync(string type, IEnumerable<string> entries) => rig.SendAsync(
            "POST", "", $"{{\"resourceType\":\"Bundle\",\"type\":\"{type}\",\"entry\":[{string.Join(',', entries)}]}}");
    }

    [Theory]
    [InlineData("POST", "", """{"request":{"method":"GET","url":"Observation?code=c"}}""")]
    [InlineData("POST", "", """{"request":{"method":"\u0047ET","url":"Observation?code=c"}}""")]
    [InlineData("POST", "", """{"request":{"method":"POST","url":"Observation/_search?code=c"}}""")]
    [InlineData("POST", "", """{"request":{"method":"POST","url":"Observation\/\u005fsearch?code=c"}}""")]
    [InlineData("POST", "", """{"request":{"method":"POST","url":"BASEObservation/%5Fsearch?code=c"}}""")]
    [InlineData("GET", "Observation?patient.identifier=7", null)]
    public async Task A_request_that_can_examine_many_resources_runs_on_the_threads_for_searches(string method, string path, string? entry)
    {
        ThreadClock clock = new();
        await using ServerRig rig = await ServerRig.StartAsync(clock: clock);
        await rig.CreateAsync("Patient", """{"resourceType":"Patient","identifier":[{"value":"7"}]}""");
        await rig.CreateAsync("Observation", """{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"c"}]}}""");
        clock.Clear();
        string? body = entry is null ? null : $$"""{"resourceType":"Bundle","type":"batch","entry":[{{entry}}]}"""
            .Replace("BASE", rig.BaseUrl, StringComparison.Ordinal);
        Assert.Equal(200, (await rig.SendAsync(method, path, body)).Status);
        Assert.Contains(clock.Threads, thread => thread.StartsWith("fhir scan", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("POST", "Patient", "{\"resourceType\":\"Patient\"}")]
    [InlineData("PUT", "Patient/p", "{\"resourceType\":\"Patient\",\"id\":\"p\"}")]
    [InlineData("PUT", "Patient?identifier=7", "{\"resourceType\":\"Patient\"}")]
    [InlineData("PATCH", "Patient/q", "[{\"op\":\"test\",\"path\":\"/id\",\"value\":\"q\"}]")]
    [InlineData("DELETE", "Patient/q", null)]
    [InlineData("POST", "", """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}
        """)]
    [InlineData("POST", "", """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"resource":{"resourceType":"Patient","name":[{"text":"\u003c100% GET _search"}]},"request":{"method":"POST","url":"Patient"}}]}
        """)]
    public async Task A_write_runs_on_the_threads_for_writes(string method, string path, string? body)
    {
        ThreadClock clock = new();
        await using ServerRig rig = await ServerRig.StartAsync(clock: clock);
        await rig.SendAsync("PUT", "Patient/q", """{"resourceType":"Patient","id":"q"}""");
        clock.Clear();
        Assert.InRange((await rig.SendAsync(method, path, body)).Status, 200, 204);
        Assert.Contains(clock.Threads, thread => thread.StartsWith("fhir write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Searches_that_wait_leave_slots_for_the_answers_of_others()
    {
        ThreadClock clock = new();
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { Patience = TimeSpan.FromMinutes(1) }, clock, "one user/*.rus", "two user/*.rus", "three user/*.rs");
        await rig.SendAsync("PUT", "Patient/p", """{"resourceType":"Patient","id":"p","identifier":[{"value":"7"}]}""", "one");
        clock.Gate.Reset();
        Task<Answer>[] searches = [.. ((string[])["one", "two"]).SelectMany(token => Enumerable.Range(0, 8)
            .Select(_ => rig.SendAsync("GET", "Observation?patient.identifier=7", null, token)))];
        Eventually.True(
            () => clock.Threads.Count(thread => thread.StartsWith("fhir scan", StringComparison.Ordinal)) == 2, "two searches run");
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/none", null, "three")).Status);
        Assert.DoesNotContain(searches, search => search.IsCompleted);
        clock.Gate.Set();
        Assert.All(await Task.WhenAll(searches), answer => Assert.Equal(200, answer.Status));
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
        using RequestSlots slots = new(3, 2, TimeSpan.FromMilliseconds(50));
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
