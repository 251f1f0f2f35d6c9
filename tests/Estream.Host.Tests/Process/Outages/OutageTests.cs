using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>
/// Goal: if the network fails for some time, or peers are killed under load, nothing that a host has acknowledged over Modbus, HL7, FHIR,
/// OPC UA or DNP3 is lost, and everything continues without intervention. Method: one host has an adapter for each of them. All peers are
/// under load at once. Peers are processes that are killed with SIGKILL, or are reached through relays, which reset their connections at
/// any byte. The link is down for four seconds, or a minute with the full counts, and neither side is notified.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class OutageTests : IAsyncLifetime
{
    private const int Between = 20;

    // Half of the outage. Messages may still arrive in the first half, but not in the second half.
    private static readonly TimeSpan s_half = LongRun.Duration(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));

    private readonly HostFiles _files = new(segmentBytes: 1 << 20);
    private readonly List<IFieldPeer> _peers = [];

    // TCP retransmits at growing intervals. The first retransmission may come only as long after the outage as the outage lasted, and the
    // next one after the same time again.
    public static TimeSpan Recovery { get; } = TimeSpan.FromMinutes(4);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (IFieldPeer peer in _peers)
        {
            await peer.DisposeAsync();
        }

        _files.Dispose();
    }

    [Fact]
    public async Task Connections_that_are_reset_lose_nothing_that_was_acknowledged()
    {
        Connect("127.0.0.1", "127.0.0.1");
        await KillAsync();
    }

    [PeerFact("python3", "python3")]
    public async Task Killed_processes_of_peers_lose_nothing_that_was_acknowledged()
    {
        HostSecrets secrets = MakeSecrets();
        Connect(secrets, [
            Sender(new Hl7Sender(secrets, "127.0.0.1", FreePort.Next()), "hl7"),
            Sender(new FhirSender(secrets, "127.0.0.1", FreePort.Next()), "fhir"),
            Sender(new ModbusSender(_files, "127.0.0.1", FreePort.Next()), "modbus"),
            DeviceProcess.Modbus(_files), DeviceProcess.Dnp3(_files), DeviceProcess.OpcUa(_files),
        ]);
        await KillAsync();
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Killed_servers_repeat_no_value_and_every_gap_is_recorded()
    {
        using NodeFolder folder = new();
        Connect(MakeSecrets(), [new PymodbusDevice(_files), new NodeDevice(_files, folder)]);
        await KillAsync();
    }

    [NetworkNamespaceFact]
    public async Task Link_that_is_down_loses_nothing_that_was_acknowledged()
    {
        using NetworkNamespace network = new();
        Connect(network.Address, network.NearAddress);
        using ChildProcess host = network.Start("dotnet", [BuiltProgram.Host, "--config", _files.Config],
            new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data });
        host.WaitForText("Ready: ");
        await RunAsync(async () =>
        {
            AwaitProgress();
            network.Cut();

            // The outage must last this long, so the test waits for no condition.
            // A slow machine may process messages of the time before the outage also in the second half, so the outage then lasts longer.
            await Task.Delay(s_half);
            await Eventually.TrueAsync(async () =>
            {
                int[] half = [.. _peers.Select(peer => peer.Progress)];
                await Task.Delay(s_half);
                return half.SequenceEqual(_peers.Select(peer => peer.Progress));
            }, "no message arrives while the link is down", Recovery);
            network.Join();
        });
        host.Signal("TERM");
        Assert.Equal(0, host.WaitForExit().ExitCode);
        _peers.ForEach(peer => peer.AssertStored());
    }

    /// <summary>Kills all peers under load, again and again.</summary>
    private async Task KillAsync()
    {
        int kills = LongRun.Count(everyday: 3, full: 100);
        using HostProcess host = _files.Start().WaitUntilReady();
        await RunAsync(() =>
        {
            for (int kill = 0; kill < kills; kill++)
            {
                AwaitProgress();
                _peers.ForEach(peer => peer.Kill());
                _peers.ForEach(peer => peer.Restart());
            }

            return Task.CompletedTask;
        });
        Assert.Equal(0, host.Stop().ExitCode);
        _peers.ForEach(peer => peer.AssertStored());
    }

    /// <summary>Runs a disturbance under load; afterwards all peers must work again.</summary>
    private async Task RunAsync(Func<Task> disturb)
    {
        _peers.ForEach(peer => peer.Start());
        await disturb();
        AwaitProgress();
        foreach (IFieldPeer peer in _peers)
        {
            await peer.StopAsync();
        }
    }

    private void AwaitProgress()
    {
        foreach ((IFieldPeer peer, int before) in _peers.Select(peer => (peer, peer.Progress)).ToList())
        {
            Eventually.True(() => peer.Progress >= before + Between, $"messages flow at the adapter '{peer.Name}'", Recovery);
        }
    }

    private SenderProcess Sender(NumberedSender sender, string protocol) =>
        new(sender, protocol, Path.Combine(Path.GetDirectoryName(_files.Config)!, $"{protocol}.acknowledged"));

    private HostSecrets MakeSecrets()
    {
        HostSecrets secrets = new(_files);
        secrets.Make("provider", "auditor");
        return secrets;
    }

    /// <summary>Starts the peers of this process and writes the configuration.</summary>
    /// <param name="hostAddress">The address of the host.</param>
    /// <param name="peerAddress">The address at which the host reaches devices.</param>
    private void Connect(string hostAddress, string peerAddress)
    {
        HostSecrets secrets = MakeSecrets();
        Connect(secrets, [
            new Hl7Sender(secrets, hostAddress, FreePort.Next()), new FhirSender(secrets, hostAddress, FreePort.Next()),
            new ModbusSender(_files, hostAddress, FreePort.Next()), ModbusDevice.Start(_files, peerAddress),
            Dnp3Device.Start(_files, peerAddress), OpcUaDevice.Start(_files, peerAddress),
        ]);
    }

    private void Connect(HostSecrets secrets, IFieldPeer[] peers)
    {
        _peers.AddRange(peers);
        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Privacy = new { secrets.Keys },
                Queues = _peers.ToDictionary(peer => peer.Name, _ => new { SegmentBytes = 1 << 20 }),
                Maps = new { latest = new { Queue = "plant", Schema = "ModbusValue", Key = "point" } },
                Adapters = _peers.ToDictionary(peer => peer.Name, peer => peer.Adapter),
            },
        }));
    }
}
