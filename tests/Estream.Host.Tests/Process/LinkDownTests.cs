using System.Net;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: where the network is down for a while under load (four seconds; a minute with the full counts), nothing is lost that was acknowledged. Method: the host has a network of its own, whose link is taken down, so that neither side is told; then all goes on by itself.
/// The adapter for folders has no network.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class LinkDownTests : IDisposable
{
    private const int FixPort = 9876;
    private const int MqttPort = 1883;

    private const string Telemetry = """
        "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]
        """;

    // Half of the time: nothing may come through in the second half.
    private static readonly TimeSpan s_half = LongRun.Duration(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));

    // TCP tries again after as long as the link was down, and once more as long.
    private static readonly TimeSpan s_recovery = TimeSpan.FromMinutes(4);

    private readonly HostFiles _files = new(segmentBytes: 1 << 20);

    private string Place => Path.GetDirectoryName(_files.Config)!;

    public void Dispose() => _files.Dispose();

    [NetworkNamespaceFact]
    public async Task What_an_endpoint_has_acknowledged_to_devices_is_there()
    {
        using NetworkNamespace network = new();
        Configure($$$"""{"devices":{"Type":"mqtt-endpoint","Address":"{{{network.Address}}}","Port":{{{MqttPort}}},"UnsafeAllowAnonymous":true,"MaxPacketBytes":65536,{{{Telemetry}}}}}""");
        using ChildProcess host = Start(network);
        await using AcknowledgedLoad load = new(MqttPort, "d", devices: 20, messagesPerSecond: 2_000, reconnect: true, host: network.Address);
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
    public async Task What_a_broker_has_acknowledged_for_a_client_is_there()
    {
        using NetworkNamespace network = new();
        int port = FreePort.Next();
        string broker = Path.Combine(Place, "mosquitto.conf");
        File.WriteAllText(broker, $"listener {port} {network.NearAddress}\nuser root\nallow_anonymous true\nmax_queued_messages 0\nlog_type information\nlog_type subscribe\n");
        using ChildProcess mosquitto = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-c", broker]);
        mosquitto.WaitForText("running");
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

        // It was published all the while, and comes once the client is back.
        await load.StopAsync();
        Eventually.True(() => replay.Advance().MessageCount >= load.Acknowledged, "all has come", s_recovery);
        Stop(host);
        load.AssertStored(replay.Advance(), mayRepeat: true);
    }

    [NetworkNamespaceFact]
    public async Task What_a_desk_has_sent_goes_through_acceptor_and_initiator_once_and_in_order()
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

    /// <summary>Takes the link down for the time, and sees that it is.</summary>
    private static async Task TakeDownAsync(NetworkNamespace network, Func<long> arrived)
    {
        network.Cut();

        // How long it is down is what the test is about: there is no condition to wait for.
        await Task.Delay(s_half);
        long half = arrived();
        await Task.Delay(s_half);
        Assert.Equal(half, arrived());
        network.Join();
    }

    private ChildProcess Start(NetworkNamespace network)
    {
        ChildProcess host = network.Start("dotnet", [BuiltProgram.Host, "--config", _files.Config], new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data });
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
