using System.Buffers;
using System.Net;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: if the network fails for some time under load (four seconds; a minute with the full counts), no acknowledged message is lost.
/// Method: the host has its own network namespace, whose link is taken down, so that neither side is notified. Afterwards everything must
/// continue without intervention. The adapter for folders uses no network.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class LinkDownTests : IDisposable
{
    private const int FixPort = 9876;
    private const int MqttPort = 1883;

    private const string Telemetry = """
        "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]
        """;

    // Half of the outage. Messages may still arrive in the first half, but not in the second half.
    private static readonly TimeSpan s_half = LongRun.Duration(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));

    // TCP retransmits at growing intervals. The first retransmission may come only as long after the outage as the outage lasted, and the
    // next one after the same time again.
    private static readonly TimeSpan s_recovery = TimeSpan.FromMinutes(4);

    private readonly HostFiles _files = new(segmentBytes: 1 << 20);

    private string Place => Path.GetDirectoryName(_files.Config)!;

    public void Dispose() => _files.Dispose();

    [NetworkNamespaceFact]
    public async Task Messages_that_an_endpoint_acknowledged_are_stored()
    {
        using NetworkNamespace network = new();
        Configure($$$"""{"devices":{"Type":"mqtt-endpoint","Address":"{{{network.Address}}}","Port":{{{MqttPort}}},"UnsafeAllowAnonymous":true,"MaxPacketBytes":65536,{{{Telemetry}}}}}""");
        using ChildProcess host = Start(network);
        await using AcknowledgedLoad load =
            new(MqttPort, "d", devices: 20, messagesPerSecond: 2_000, reconnect: true, host: network.Address);
        Eventually.True(() => load.Acknowledged > 1_000, "messages flow");

        await TakeDownAsync(network, () => load.Acknowledged);

        long before = load.Acknowledged;
        Eventually.True(() => load.Acknowledged > before + 1_000, "messages flow again", s_recovery);
        await load.StopAsync();
        Stop(host);
        using QueueReplay replay = new QueueReplay(_files.Data).Advance();
        load.AssertStored(replay, mayRepeat: true);
    }

    [NetworkNamespaceFact]
    public async Task Messages_that_a_broker_acknowledged_for_a_client_are_stored()
    {
        using NetworkNamespace network = new();
        int port = FreePort.Next();
        using ChildProcess mosquitto = StartBroker(network, port);
        Configure($$$"""
            {"cloud":{"Type":"mqtt-client","Broker":{"Host":"{{{network.NearAddress}}}","Port":{{{port}}}},"KeepAliveSeconds":5,"Reconnect":{"MaxMs":500},"MaxPacketBytes":65536,
              "Subscriptions":[{"Filter":"devices/+/telemetry","Qos":1}],{{{Telemetry}}}}}
            """);
        using ChildProcess host = Start(network);
        mosquitto.WaitForText("devices/+/telemetry");
        await using AcknowledgedLoad load = new(port, "d", devices: 20, messagesPerSecond: 500, reconnect: true, host: network.NearAddress);
        using QueueReplay replay = new(_files.Data);
        Eventually.True(() => replay.Advance().MessageCount > 500, "messages flow");

        await TakeDownAsync(network, () => replay.Advance().MessageCount);

        // Messages that devices published to the broker during the outage arrive when the client is connected again.
        await load.StopAsync();
        Eventually.True(() => replay.Advance().MessageCount >= load.Acknowledged, "all messages have arrived", s_recovery);
        Stop(host);
        load.AssertStored(replay.Advance(), mayRepeat: true);
    }

    [NetworkNamespaceFact]
    public async Task Messages_received_while_a_client_is_offline_are_published_later()
    {
        using NetworkNamespace network = new();
        int port = FreePort.Next();
        using ChildProcess mosquitto = StartBroker(network, port);
        using ChildProcess subscriber = ChildProcess.Start(
            "stdbuf",
            ["-oL", Peer.Require("mosquitto_sub", "mosquitto-clients"), "-V", "5", "-h", network.NearAddress, "-p", $"{port}", "-q", "1",
                "-t", "out/#", "-F", "%t %p", "-d"]);
        subscriber.WaitForText("Subscribed");
        Configure($$$"""
            {"devices":{"Type":"mqtt-endpoint","Port":{{{MqttPort}}},"MaxPacketBytes":65536,{{{Telemetry}}}},
             "cloud":{"Type":"mqtt-client","Broker":{"Host":"{{{network.NearAddress}}}","Port":{{{port}}}},"KeepAliveSeconds":5,"Reconnect":{"MaxMs":500},"MaxPacketBytes":65536,
              "Egress":[{"Queue":"telemetry","Schema":"IoTTelemetry","Topic":"out/{device_id}"}]}}
            """);
        using ChildProcess host = Start(network);

        // The devices run in the network namespace of the host, so they continue while the link is down.
        using ChildProcess feed =
            network.Start("dotnet", [BuiltProgram.Cli, "feed", "--port", $"{MqttPort}", "--devices", "20", "--rate", "500", "--qos", "1"]);
        Eventually.True(() => Published(subscriber).Count > 500, "messages are published");
        int stored = _files.Count("telemetry");

        await TakeDownAsync(network, () => Published(subscriber).Count);

        Assert.True(_files.Count("telemetry") > stored + 200, "nothing has come in while the link was down");
        int before = Published(subscriber).Count;
        Eventually.True(() => Published(subscriber).Count > before + 500, "messages are published again", s_recovery);
        feed.Signal("TERM");
        feed.WaitForExit().EnsureSuccess();
        List<string> all = Stored();
        Eventually.True(() => Published(subscriber).Distinct().Count() >= all.Count, "all that was stored is published", s_recovery);
        Stop(host);
        Assert.Equal(all, Published(subscriber).Distinct());
    }

    [NetworkNamespaceFact]
    public async Task Orders_pass_acceptor_and_initiator_once_and_in_order()
    {
        using NetworkNamespace network = new();
        FixNames exchange = new();
        await using FixAcceptor venue = new(
            new FixAcceptorOptions { Address = IPAddress.Parse(network.NearAddress), Port = 0, UnsafeAllowAnyPeer = true },
            [new FixSessionOptions { Protocol = FixProtocol.Fix44, SenderCompId = "EXCHANGE", TargetCompId = "BROKER" }],
            exchange,
            SystemClock.Instance,
            _ => { });
        await venue.StartAsync(CancellationToken.None);
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token);
        Configure($$$"""
            {"desks":{"Type":"fix-acceptor","Address":"{{{network.Address}}}","Port":{{{FixPort}}},"UnsafeAllowAnyPeer":true,
                "Sessions":[{"SenderCompId":"BROKER","TargetCompId":"DESK","Journal":"{{{Path.Combine(Place, "desks")}}}"}],
                "Mappings":[{"MsgType":"F","Schema":"FixOrderCancel","Queue":"cancels"}]},
             "venue":{"Type":"fix-initiator","Host":"{{{network.NearAddress}}}","Port":{{{venue.LocalEndPoint!.Port}}},"MaxReconnectSeconds":1,
                "Sessions":[{"SenderCompId":"BROKER","TargetCompId":"EXCHANGE","HeartbeatSeconds":5,"Journal":"{{{Path.Combine(Place, "venue")}}}"}],
                "Egress":[{"Queue":"cancels","Schema":"FixOrderCancel","TargetCompId":"EXCHANGE"}]}}
            """);
        using ChildProcess host = Start(network);
        await using (DeskLoad desk = new(network.Address, FixPort))
        {
            Eventually.True(() => exchange.Count > 200, "requests flow");

            await TakeDownAsync(network, () => exchange.Count);

            long before = exchange.Count;
            Eventually.True(() => exchange.Count > before + 200, "requests flow again", s_recovery);
            await desk.PauseAsync();
            Eventually.True(() => exchange.Count >= desk.Sent, "all requests are at the exchange", s_recovery);
            Assert.Equal(Enumerable.Range(0, desk.Sent).Select(DeskLoad.NameOf), exchange.Names);
            Assert.Equal(desk.Sent, _files.Count("cancels"));
        }

        Stop(host);
        await closing.CancelAsync();
        await serving;
    }

    /// <summary>Takes the link down for at least twice <see cref="s_half"/>, until no message arrives in the last half.</summary>
    private static async Task TakeDownAsync(NetworkNamespace network, Func<long> arrived)
    {
        network.Cut();

        // The outage must last this long, so the test waits for no condition. A slow machine may process messages of the time before the
        // outage also in the second half, so the outage then lasts longer.
        await Task.Delay(s_half);
        await Eventually.TrueAsync(async () =>
        {
            long half = arrived();
            await Task.Delay(s_half);
            return arrived() == half;
        }, "no message arrives while the link is down", s_recovery);
        network.Join();
    }

    /// <summary>The messages that a subscriber received, as device and time.</summary>
    private static List<string> Published(ChildProcess subscriber) =>
    [
        .. subscriber.Output.Split('\n')[..^1].Where(line => line.StartsWith("out/", StringComparison.Ordinal)).Select(line =>
        {
            int end = line.IndexOf(' ', StringComparison.Ordinal);
            using JsonDocument message = JsonDocument.Parse(line[(end + 1)..]);
            return $"{line["out/".Length..end]} {message.RootElement.GetProperty("timestamp").GetRawText()}";
        }),
    ];

    /// <summary>The messages of the queue telemetry, as device and time.</summary>
    private List<string> Stored()
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        List<string> found = [];
        _files.Read("telemetry", message =>
        {
            ArrayBufferWriter<byte> json = new();
            Assert.True(EsfJson.WriteJson(schema, message.Payload, json).IsOk);
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            found.Add($"{document.RootElement.GetProperty("device_id").GetString()} "
                + $"{document.RootElement.GetProperty("timestamp").GetRawText()}");
        });
        return found;
    }

    private ChildProcess StartBroker(NetworkNamespace network, int port)
    {
        string broker = Path.Combine(Place, "mosquitto.conf");
        File.WriteAllText(broker,
            $"listener {port} {network.NearAddress}\nuser root\nallow_anonymous true\nmax_queued_messages 0\nlog_type "
            + "information\nlog_type subscribe\n");
        ChildProcess mosquitto = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-c", broker]);
        mosquitto.WaitForText("running");
        return mosquitto;
    }

    private ChildProcess Start(NetworkNamespace network)
    {
        ChildProcess host = network.Start("dotnet", [BuiltProgram.Host, "--config", _files.Config],
            new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data });
        host.WaitForText("Ready: ");
        return host;
    }

    private static void Stop(ChildProcess host)
    {
        host.Signal("TERM");
        ProcessResult end = host.WaitForExit();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
    }

    private void Configure(string adapters) => File.WriteAllText(_files.Config, $$$$"""
        {"Estream":{"Queues":{"telemetry":{"SegmentBytes":1048576},"cancels":{"SegmentBytes":1048576},"dead-letters":{"SegmentBytes":131072}},"Adapters":{{{{adapters}}}}}}
        """);
}
