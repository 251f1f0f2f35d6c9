using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Subscriptions;

public sealed class SubscriptionTests
{
    [Theory]
    [InlineData("rest-hook", "http://127.0.0.1:1/other/", "Observation")]
    [InlineData("websocket", "http://127.0.0.1:1/hook/", "Observation")]
    [InlineData("rest-hook", "http://127.0.0.1:1/hook/", "Observation?mood=good")]
    public async Task Subscription_is_refused(string channel, string endpoint, string criteria)
    {
        await using ServerRig rig =
            await ServerRig.StartAsync(options => options with { SubscriptionEndpoints = ["http://127.0.0.1:1/hook/"] });
        Assert.Equal(422, (await rig.SendAsync("POST", "Subscription", Subscription(channel, endpoint, criteria))).Status);
    }

    [Fact]
    public async Task Endpoint_gets_matching_changes_that_consent_permits()
    {
        ConcurrentQueue<(string Path, string Body)> received = new();
        using HttpListener endpoint = Listen(received, out string url);
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
        Eventually.True(() => !received.IsEmpty, "the endpoint is notified");
        (string path, string body) = Assert.Single(received);
        Assert.EndsWith($"/Observation/{id}", path, StringComparison.Ordinal);
        Assert.Contains("718-7", body, StringComparison.Ordinal);
    }

    private static string Subscription(string channel, string endpoint, string criteria) => $$$"""
        {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"{{{criteria}}}",
         "channel":{"type":"{{{channel}}}","endpoint":"{{{endpoint}}}","payload":"application/fhir+json"}}
        """;

    private static string Observation(string code, string patient) => $$$"""
        {"resourceType":"Observation","status":"final","code":{"coding":[{"code":"{{{code}}}"}]},
         "subject":{"reference":"Patient/{{{patient}}}"}}
        """;

    private static HttpListener Listen(ConcurrentQueue<(string Path, string Body)> received, out string url)
    {
        url = $"http://127.0.0.1:{FreePort.Next()}/hook/";
        HttpListener listener = new() { Prefixes = { url } };
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (listener.IsListening)
            {
                HttpListenerContext context = await listener.GetContextAsync();
                using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
                string body = await reader.ReadToEndAsync();
                received.Enqueue((context.Request.Url!.AbsolutePath, body));
                context.Response.Close();
            }
        });
        return listener;
    }
}
