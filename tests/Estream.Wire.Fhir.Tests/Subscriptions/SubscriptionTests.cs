using Estream.Testing;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Subscriptions;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Subscriptions;

public sealed class SubscriptionTests
{
    [Theory]
    [InlineData("rest-hook", "http://127.0.0.1:1/other/", "Observation")]
    [InlineData("websocket", "http://127.0.0.1:1/hook/", "Observation")]
    [InlineData("rest-hook", "http://127.0.0.1:1/hook/", "Observation?mood=good")]
    [InlineData("rest-hook", "http://127.0.0.1:1/hook/../other", "Observation")]
    [InlineData("rest-hook", "http://127.0.0.1:1/hook/%2e%2e/other", "Observation")]
    [InlineData("rest-hook", "http://127.0.0.1:1/hook/..%2fother", "Observation")]
    [InlineData("rest-hook", "http://127.0.0.1:1/hook/..%5Cother", "Observation")]
    [InlineData("rest-hook", "http://user@127.0.0.1:1/hook/", "Observation")]
    [InlineData("rest-hook", "http://127.0.0.1:11/hook/", "Observation")]
    [InlineData("rest-hook", "https://127.0.0.1:1/hook/", "Observation")]
    [InlineData("rest-hook", "/hook/", "Observation")]
    public async Task Subscription_is_refused(string channel, string endpoint, string criteria)
    {
        await using ServerRig rig =
            await ServerRig.StartAsync(options => options with { SubscriptionEndpoints = ["http://127.0.0.1:1/hook/"] });
        Assert.Equal(422, (await rig.SendAsync("POST", "Subscription", Subscription(channel, endpoint, criteria))).Status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/hook", true)]
    [InlineData("http://127.0.0.1:1/hook/a", true)]
    [InlineData("http://127.0.0.1:1/hook-evil", false)]
    [InlineData("http://127.0.0.1:1/hook-evil/a", false)]
    public void A_prefix_without_a_slash_permits_itself_and_what_is_below(string endpoint, bool isPermitted) =>
        Assert.Equal(isPermitted, new EndpointRules(["http://127.0.0.1:1/hook"]).TryPermit(endpoint, out _));

    [Fact]
    public async Task Endpoint_gets_matching_changes_that_consent_permits()
    {
        using ScriptedServer endpoint = new(_ => "");
        string url = endpoint.Url.AbsoluteUri;
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { SubscriptionEndpoints = [url] });
        Answer made = await rig.SendAsync("POST", "Subscription", Subscription("rest-hook", url, "Observation?code=718-7"));
        Assert.True(made.Status == 201, made.Body);
        Assert.Equal("active", made.Root.GetProperty("status").GetString());
        await rig.CreateAsync("Consent", """
            {"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"c"}],
             "patient":{"reference":"Patient/denied"},"provision":{"type":"deny"}}
            """);
        await rig.CreateAsync("Observation", Observation("other", "p"));
        await rig.CreateAsync("Observation", Observation("718-7", "denied"));
        string id = await rig.CreateAsync("Observation", Observation("718-7", "p"));
        Eventually.True(() => !endpoint.Requests.IsEmpty, "the endpoint is notified");
        Assert.Equal($"PUT /Observation/{id}", Assert.Single(endpoint.Requests));
        Assert.Contains("718-7", Assert.Single(endpoint.Bodies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_whose_endpoint_fails_gets_the_status_error_and_works_again_when_a_client_writes_it()
    {
        bool fails = true;
        using ScriptedServer endpoint = new(_ => new ScriptedAnswer(fails ? 500 : 200, []));
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { SubscriptionEndpoints = [endpoint.Url.AbsoluteUri] });
        string subscription = Subscription("rest-hook", endpoint.Url.AbsoluteUri, "Observation");
        string id = await rig.CreateAsync("Subscription", subscription);
        await rig.CreateAsync("Observation", Observation("718-7", "p"));
        await Eventually.TrueAsync(async () => await StatusAsync(rig, id) == "error", "the subscription has the status error");
        Answer failed = await rig.SendAsync("GET", $"Subscription/{id}");
        Assert.Equal("the endpoint answered with status 500", failed.Root.GetProperty("error").GetString());
        Assert.Equal("W/\"2\"", failed.ETag);
        Assert.Contains(rig.Events, one => one.Detail.Contains("has the status error", StringComparison.Ordinal));
        Assert.Equal(5, endpoint.Requests.Count);

        fails = false;
        await rig.RestartAsync();
        await rig.CreateAsync("Observation", Observation("718-7", "q"));
        await rig.SendAsync("PUT", $"Subscription/{id}", subscription.Replace("{\"resourceType\"", $"{{\"id\":\"{id}\",\"resourceType\"",
            StringComparison.Ordinal));
        string last = await rig.CreateAsync("Observation", Observation("718-7", "r"));
        Eventually.True(() => endpoint.Requests.Count > 5, "the endpoint is notified again");
        Assert.Equal($"PUT /Observation/{last}", endpoint.Requests.Last());
    }

    [Fact]
    public async Task Endpoint_that_does_not_answer_delays_no_other()
    {
        using ManualResetEventSlim release = new();
        using ScriptedServer slow = new(_ =>
        {
            release.Wait();
            return "";
        });
        using ScriptedServer fast = new(_ => "");
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { SubscriptionEndpoints = [slow.Url.AbsoluteUri, fast.Url.AbsoluteUri] });
        await rig.CreateAsync("Subscription", Subscription("rest-hook", slow.Url.AbsoluteUri, "Observation"));
        await rig.CreateAsync("Subscription", Subscription("rest-hook", fast.Url.AbsoluteUri, "Observation"));
        for (int change = 0; change < 20; change++)
        {
            await rig.CreateAsync("Observation", Observation("718-7", "p"));
        }

        Eventually.True(() => fast.Requests.Distinct().Count() == 20, "the fast endpoint gets everything");
        Assert.Single(slow.Requests.Distinct());

        // The notifications of the slow endpoint are not finished, so they are sent again after a restart.
        release.Set();
        await rig.RestartAsync();
        Eventually.True(() => slow.Requests.Distinct().Count() == 20, "the slow endpoint gets everything");
    }

    [Fact]
    public async Task Endpoint_is_checked_again_before_each_notification()
    {
        string permitted = "";
        using ScriptedServer endpoint = new(_ => "");
        permitted = endpoint.Url.AbsoluteUri;
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { SubscriptionEndpoints = [permitted] });
        string id = await rig.CreateAsync("Subscription", Subscription("rest-hook", permitted, "Observation"));
        permitted += "other/";
        await rig.RestartAsync();
        await rig.CreateAsync("Observation", Observation("718-7", "p"));
        await Eventually.TrueAsync(async () => await StatusAsync(rig, id) == "error", "the subscription has the status error");
        Assert.Empty(endpoint.Requests);
    }

    [Fact]
    public async Task Redirect_of_an_endpoint_is_not_followed()
    {
        using ScriptedServer other = new(_ => "");
        using ScriptedServer endpoint = new(_ => new ScriptedAnswer(307, []) { Location = other.Url.AbsoluteUri });
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { SubscriptionEndpoints = [endpoint.Url.AbsoluteUri] });
        string id = await rig.CreateAsync("Subscription", Subscription("rest-hook", endpoint.Url.AbsoluteUri, "Observation"));
        await rig.CreateAsync("Observation", Observation("718-7", "p"));
        await Eventually.TrueAsync(async () => await StatusAsync(rig, id) == "error", "the subscription has the status error");
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Number_of_subscriptions_is_limited()
    {
        await using ServerRig rig = await ServerRig.StartAsync(
            options => options with { SubscriptionEndpoints = ["http://127.0.0.1:1/hook/"], MaxBundleEntries = 2_000 });
        string subscription = Subscription("rest-hook", "http://127.0.0.1:1/hook/", "Observation");
        string entry = $"{{\"resource\":{subscription},\"request\":{{\"method\":\"POST\",\"url\":\"Subscription\"}}}}";
        Task<Answer> CreateAsync(int count) => rig.SendAsync("POST", "",
            $"{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{string.Join(',', Enumerable.Repeat(entry, count))}]}}");
        Assert.Equal(422, (await CreateAsync(ResourceBuilder.MaxSubscriptions + 1)).Status);
        Assert.Equal(200, (await CreateAsync(ResourceBuilder.MaxSubscriptions)).Status);
        Answer refused = await rig.SendAsync("POST", "Subscription", subscription);
        Assert.Equal((422, "too-costly"), (refused.Status, refused.Issue));
    }

    private static async Task<string> StatusAsync(ServerRig rig, string id) =>
        (await rig.SendAsync("GET", $"Subscription/{id}")).Root.GetProperty("status").GetString()!;

    private static string Subscription(string channel, string endpoint, string criteria) => $$$"""
        {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"{{{criteria}}}",
         "channel":{"type":"{{{channel}}}","endpoint":"{{{endpoint}}}","payload":"application/fhir+json"}}
        """;

    private static string Observation(string code, string patient) => $$$"""
        {"resourceType":"Observation","status":"final","code":{"coding":[{"code":"{{{code}}}"}]},
         "subject":{"reference":"Patient/{{{patient}}}"}}
        """;
}
