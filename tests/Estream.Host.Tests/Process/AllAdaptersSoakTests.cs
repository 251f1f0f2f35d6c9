using System.Text.Json;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: all adapters together in one host lose nothing and leave its memory flat. Method: devices at the endpoint, a broker that is
/// bridged, a desk whose requests go through acceptor, queue and initiator to an exchange, a bank that fills a folder, and an operator who
/// looks, for a minute (ten with the full counts).
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class AllAdaptersSoakTests(ITestOutputHelper output) : IDisposable
{
    private const int FilesPerRound = 4;

    private static readonly string s_schemas = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");
    private static readonly string[] s_pages =
        ["/health", "/metrics", "/api/overview", "/api/queues/cancels/messages?last=20", "/api/queues/payments/messages?last=20"];

    private readonly HostFiles _files = new();
    private readonly int _fixPort = FreePort.Next();
    private readonly int _brokerPort = FreePort.Next();
    private int _written;

    private string Place => Path.GetDirectoryName(_files.Config)!;

    private string Folder => Path.Combine(Place, "in");

    public void Dispose() => _files.Dispose();

    [PeerFact("mosquitto", "mosquitto")]
    public async Task All_adapters_together_lose_nothing_and_leave_memory_flat()
    {
        using ChildProcess broker = StartBroker();
        FixNames exchange = new();
        await using FixAcceptor venue = new(
            new FixAcceptorOptions { Port = 0 },
            [new FixSessionOptions { Protocol = FixProtocol.Fix44, SenderCompId = "EXCHANGE", TargetCompId = "BROKER" }],
            exchange,
            SystemClock.Instance,
            _ => { });
        await venue.StartAsync(CancellationToken.None);
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token);
        Configure(venue.LocalEndPoint!.Port);
        using HostProcess host = HostProcess.Start(_files.Data, configFile: _files.Config, environment: FlatMemory.Environment)
            .WaitUntilReady();
        broker.WaitForText("devices/+/telemetry");
        await using AcknowledgedLoad devices = new(host.MqttPort, "here", devices: 50, messagesPerSecond: 2_000);
        await using AcknowledgedLoad bridged = new(_brokerPort, "there", devices: 20, messagesPerSecond: 300);
        await using DeskLoad desk = new("127.0.0.1", _fixPort);

        FlatMemory memory = new(host.Process.Id);
        await RunAsync(host, memory, devices, bridged);
        await devices.StopAsync();
        await bridged.StopAsync();
        await desk.PauseAsync();
        AssertAllIsThere(exchange, desk, devices, bridged);
        Assert.Equal(0, host.Stop().ExitCode);
        await closing.CancelAsync();
        await serving;
        output.WriteLine(
            $"{devices.Acknowledged} and {bridged.Acknowledged} messages, {desk.Sent} requests, {_written} files, {memory.AssertFlat()}");
    }

    private async Task RunAsync(HostProcess host, FlatMemory memory, params AcknowledgedLoad[] loads)
    {
        // The host refuses an operator who looks much more often than this.
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(250));
        DateTime end = DateTime.UtcNow + LongRun.Duration(TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(10));
        while (DateTime.UtcNow < end)
        {
            Assert.All(loads, load => Assert.False(load.Completion.IsCompleted, "a load broke off"));
            for (int file = 0; file < FilesPerRound; file++)
            {
                Put();
            }

            Array.ForEach(s_pages, page => Assert.NotEmpty(host.Get(page)));
            memory.Sample();
            await pace.WaitForNextTickAsync();
        }
    }

    private void AssertAllIsThere(FixNames exchange, DeskLoad desk, AcknowledgedLoad devices, AcknowledgedLoad bridged)
    {
        using QueueReplay replay = new(_files.Data);
        Eventually.True(() => replay.Advance().MessageCount >= devices.Acknowledged + bridged.Acknowledged, "all messages are stored");
        devices.AssertStored(replay);
        bridged.AssertStored(replay, mayRepeat: true);
        Eventually.True(() => exchange.Count >= desk.Sent, "all requests are at the exchange");
        Assert.Equal(Enumerable.Range(0, desk.Sent).Select(DeskLoad.NameOf), exchange.Names);
        Assert.Equal(desk.Sent, _files.Count("cancels"));
        Eventually.True(() => Directory.GetFiles(Path.Combine(Folder, "done")).Length == _written, "all files are done");
        Assert.Equal(_written, _files.Count("payments"));
        Assert.Equal(0, _files.Count("dead-letters"));
        Assert.True(devices.Acknowledged > 10_000 && bridged.Acknowledged > 1_000 && desk.Sent > 1_000 && _written > 200,
            "there was no load to speak of");
    }

    private void Put()
    {
        string name = Path.Combine(Folder, $"{_written:D8}.xml");
        File.WriteAllText(name + ".part", PaymentFile.Transfer($"M-{_written}"));
        File.Move(name + ".part", name);
        _written++;
    }

    private ChildProcess StartBroker()
    {
        string file = Path.Combine(Place, "mosquitto.conf");
        File.WriteAllText(file,
            $"listener {_brokerPort} 127.0.0.1\nuser root\nallow_anonymous true\nmax_queued_messages 0\nlog_type information\nlog_type "
            + "subscribe\n");
        ChildProcess broker = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-c", file]);
        broker.WaitForText("running");
        return broker;
    }

    private void Configure(int venuePort)
    {
        HostSecrets secrets = new(_files);
        secrets.Make("payment_agent", "auditor", "regulator");
        Directory.CreateDirectory(Folder);
        var telemetry = new[] { new { Topic = "devices/{device_id}/telemetry", Schema = "IoTTelemetry", Queue = "telemetry" } };
        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { s_schemas },
                Privacy = new { secrets.Keys },
                Queues = new Dictionary<string, object>
                {
                    ["telemetry"] = new { SegmentBytes = 8 << 20 },
                    ["cancels"] = new { SegmentBytes = 1 << 20 },
                    ["payments"] = new { SegmentBytes = 4 << 20 },
                    ["dead-letters"] = new { SegmentBytes = 1 << 17 },
                },
                Adapters = new
                {
                    devices = new { Type = "mqtt-endpoint", MaxPacketBytes = 65_536, Mappings = telemetry },
                    cloud = new
                    {
                        Type = "mqtt-client",
                        Broker = new { Host = "127.0.0.1", Port = _brokerPort },
                        MaxPacketBytes = 65_536,
                        Subscriptions = new[] { new { Filter = "devices/+/telemetry", Qos = 1 } },
                        Mappings = telemetry,
                    },
                    desks = new
                    {
                        Type = "fix-acceptor",
                        Port = _fixPort,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "DESK", Journal = Path.Combine(Place, "desks") } },
                        Mappings = new[] { new { MsgType = "F", Schema = "FixOrderCancel", Queue = "cancels" } },
                    },
                    venue = new
                    {
                        Type = "fix-initiator",
                        Host = "127.0.0.1",
                        Port = venuePort,
                        MaxReconnectSeconds = 1,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "EXCHANGE",
                            Journal = Path.Combine(Place, "venue") } },
                        Egress = new[] { new { Queue = "cancels", Schema = "FixOrderCancel", TargetCompId = "EXCHANGE" } },
                    },
                    bank = new { Type = "iso20022-folder", Folder, PollMs = 10,
                        Mappings = new[] { new { Topic = "pacs.008", Schema = "Pacs008CreditTransfer", Queue = "payments" } } },
                },
            },
        }));
    }
}
