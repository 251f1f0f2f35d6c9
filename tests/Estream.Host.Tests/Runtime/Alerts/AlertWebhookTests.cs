using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Runtime.Alerts;

/// <summary>Goal: a receiver gets each change when it answers, and can verify the sender. Redirects and logs get no secret.</summary>
public sealed class AlertWebhookTests
{
    private static readonly byte[] s_secret = Encoding.UTF8.GetBytes("a secret of the webhook");
    private static readonly AlertRule s_rule = new("hot", "host/cpu", IsAbove: true, 80, 60, "critical");
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();

    [Fact]
    public async Task A_change_is_sent_with_a_signature()
    {
        await using Receiver receiver = await Receiver.StartAsync();
        using AlertWebhook webhook = new(new WebhookPlan(receiver.Address, s_secret), _time, _log);

        webhook.Send(Change("firing"));

        Eventually.True(() => receiver.Received.Count == 1, "the change is received");
        (IHeaderDictionary headers, byte[] body) = receiver.Received.Single();
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}."), .. body];
        Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(s_secret, signed))}", headers["webhook-signature"].ToString());
        Assert.StartsWith("msg_", headers["webhook-id"].ToString(), StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), headers["webhook-timestamp"].ToString());
        using JsonDocument message = JsonDocument.Parse(body);
        Assert.Equal("alert.firing", message.RootElement.GetProperty("type").GetString());
        Assert.Equal("hot", message.RootElement.GetProperty("data").GetProperty("alert").GetString());
        Assert.Equal(91.5, message.RootElement.GetProperty("data").GetProperty("value").GetDouble());
        Assert.Null(webhook.Failure);
    }

    [Fact]
    public void A_signature_is_that_of_the_specification()
    {
        // The example of the libraries of Standard Webhooks.
        byte[] secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        string signature = AlertWebhook.SignatureOf(
            secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"u8.ToArray());

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task A_change_that_is_not_accepted_is_sent_again_with_the_same_id(int status)
    {
        await using Receiver receiver = await Receiver.StartAsync(status);
        using AlertWebhook webhook = new(new WebhookPlan(receiver.Address, null), _time, _log);

        webhook.Send(Change("firing"));
        webhook.Send(Change("ok"));
        Eventually.True(() => webhook.Failure is not null, "the first attempt fails");
        Assert.Contains($"answered with status {status}", webhook.Failure, StringComparison.Ordinal);
        receiver.Status = 204;

        // The wait may not have begun yet.
        Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return receiver.Received.Count == 3;
            },
            "both changes are received");
        string[] ids = [.. receiver.Received.Select(one => one.Headers["webhook-id"].ToString())];
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[1], ids[2]);
        Assert.Contains("\"alert.ok\"", Encoding.UTF8.GetString(receiver.Received.Last().Body), StringComparison.Ordinal);
        Eventually.True(() => webhook.Failure is null, "the failure ends");
    }

    [Theory]
    [InlineData(302)]
    [InlineData(404)]
    public async Task A_change_that_is_refused_or_redirected_is_not_sent_again(int status)
    {
        await using Receiver receiver = await Receiver.StartAsync(status);
        Uri address = new(receiver.Address, "/hook/path-secret?key=query-secret");
        using AlertWebhook webhook = new(new WebhookPlan(address, s_secret), _time, _log);

        webhook.Send(Change("firing"));
        Eventually.True(() => _log.Lines.Any(line => line.Contains("does not get", StringComparison.Ordinal)), "the change is dropped");
        receiver.Status = 204;
        webhook.Send(Change("ok"));
        Eventually.True(() => receiver.Received.Count == 2, "the next change is received");

        Assert.All(receiver.Paths, path => Assert.Equal("/hook/path-secret", path));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_cannot_be_reached_gets_the_change_later()
    {
        Uri address;
        await using (Receiver gone = await Receiver.StartAsync())
        {
            address = gone.Address;
        }

        using AlertWebhook webhook = new(new WebhookPlan(address, null), _time, _log);
        webhook.Send(Change("firing"));

        Eventually.True(() => webhook.Failure?.Contains("cannot be reached", StringComparison.Ordinal) == true, "the attempt fails");
    }

    private static AlertChange Change(string state) => new(s_rule, state, 91.5, ManualClock.Start, "host/cpu is 91.5, above 80.");

    /// <summary>Answers each request with one status.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Receiver()
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
            _app = builder.Build();
            _app.Run(TakeAsync);
        }

        public int Status { get; set; } = 204;

        public ConcurrentQueue<(IHeaderDictionary Headers, byte[] Body)> Received { get; } = [];

        public ConcurrentQueue<string> Paths { get; } = [];

        public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

        public static async Task<Receiver> StartAsync(int status = 204)
        {
            Receiver receiver = new() { Status = status };
            await receiver._app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            context.Response.StatusCode = Status;
            context.Response.Headers.Location = "/elsewhere";
            Paths.Enqueue(context.Request.Path);
            Received.Enqueue((new HeaderDictionary(context.Request.Headers.ToDictionary()), body.ToArray()));
        }
    }
}
