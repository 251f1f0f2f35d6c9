using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix;
using Estream.Wire.Modbus.Tests.Rig;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: all adapters together in one host lose no message and keep its memory bounded. Method: for one minute (ten with the full counts)
/// devices use the endpoint, a broker is bridged, the requests of a desk go through acceptor, queue and initiator to an exchange, a bank
/// fills a folder, devices of Modbus, DNP3 and OPC UA are read, a practice writes to the FHIR server, a hospital sends admissions, which a
/// client sends on to a laboratory, and an operator reads the pages.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class AllAdaptersSoakTests : IDisposable
{
    private const int FilesPerRound = 4;

    private static readonly string[] s_pages =
        ["/health", "/metrics", "/api/overview", "/api/queues/cancels/messages?last=20", "/api/queues/payments/messages?last=20"];

    private readonly ITestOutputHelper _output;
    private readonly HostFiles _files = new();
    private readonly AllAdapters _adapters;
    private readonly int _brokerPort = FreePort.Next();

    public AllAdaptersSoakTests(ITestOutputHelper output) => (_output, _adapters) = (output, new AllAdapters(_files));

    public void Dispose() => _files.Dispose();

    [PeerFact("mosquitto", "mosquitto")]
    public async Task All_adapters_together_lose_no_message_and_keep_memory_bounded()
    {
        using ChildProcess broker = StartBroker();
        using PymodbusServer device = PymodbusServer.StartTcp();
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
        await using FieldLoad field = new();
        _adapters.Configure(venue.LocalEndPoint!.Port, _brokerPort, devicePort: device.Port, field: field);
        using HostProcess host = HostProcess.Start(_files.Data, configFile: _files.Config, environment: FlatMemory.Environment)
            .WaitUntilReady();
        broker.WaitForText("devices/+/telemetry");
        await using AcknowledgedLoad devices = new(host.MqttPort, "here", devices: 50, messagesPerSecond: 2_000);
        await using AcknowledgedLoad bridged = new(_brokerPort, "there", devices: 20, messagesPerSecond: 300);
        await using DeskLoad desk = new("127.0.0.1", _adapters.FixPort);
        await using Hl7Load hospital = new(_adapters.Hl7Port);

        FieldLoad.WaitUntilSubscribed(_files);
        FlatMemory memory = new(host.Process.Id);
        await RunAsync(host, memory, field, devices, bridged);
        await devices.StopAsync();
        await bridged.StopAsync();
        await desk.PauseAsync();
        await hospital.StopAsync();
        AssertAllIsThere(hospital);
        field.AssertStored(_files);
        AssertAllIsThere(exchange, desk, devices, bridged);
        Assert.Equal(0, host.Stop().ExitCode);
        await closing.CancelAsync();
        await serving;
        _output.WriteLine(
            $"{devices.Acknowledged} and {bridged.Acknowledged} messages, {desk.Sent} requests, {_adapters.Written} files, "
            + $"{field.Versions} versions, " + memory.AssertFlat());
    }

    private async Task RunAsync(HostProcess host, FlatMemory memory, FieldLoad field, params AcknowledgedLoad[] loads)
    {
        // With shorter rounds, the requests would exceed the rate limit of the host.
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(250));
        DateTime end = DateTime.UtcNow + LongRun.Duration(TimeSpan.FromSeconds(25), TimeSpan.FromMinutes(10));
        while (DateTime.UtcNow < end)
        {
            Assert.All(loads, load => Assert.False(load.Completion.IsCompleted, "a load broke off"));
            for (int file = 0; file < FilesPerRound; file++)
            {
                _adapters.Put();
            }

            await field.StepAsync();
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
        Eventually.True(() => Directory.GetFiles(_adapters.Done).Length == _adapters.Written, "all files are done");
        Assert.Equal(_adapters.Written, _files.Count("payments"));
        Assert.Equal(0, _files.Count("dead-letters"));
        Assert.True(devices.Acknowledged > 10_000 && bridged.Acknowledged > 1_000 && desk.Sent > 1_000
            && _adapters.Written > 10 * FilesPerRound && _files.Count("readings") > 100,
            "there was no load to speak of");
    }

    private void AssertAllIsThere(Hl7Load hospital)
    {
        Assert.Equal(hospital.Acknowledged, _files.Count("hl7"));
        Eventually.True(() => _files.Count("laboratory") == hospital.Acknowledged, "all admissions are at the laboratory");
        Assert.True(hospital.Acknowledged > 100, "there was no load of admissions to speak of");
    }

    private ChildProcess StartBroker()
    {
        string file = Path.Combine(_adapters.Place, "mosquitto.conf");
        File.WriteAllText(file,
            $"listener {_brokerPort} 127.0.0.1\nuser root\nallow_anonymous true\nmax_queued_messages 0\nlog_type information\nlog_type "
            + "subscribe\n");
        ChildProcess broker = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-c", file]);
        broker.WaitForText("running");
        return broker;
    }
}
