using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>The state of each device, as console and REST show it.</summary>
public sealed class DeviceStatusTests
{
    [Fact]
    public async Task A_device_that_answers_and_one_without_connection_are_shown_with_their_counts()
    {
        using SteadyDevice answering = new(registers: 1);

        // Bound and not listening: connections are refused, and no other program can take the port.
        using Socket closed = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, FreePort.Next()));
        ModbusDeviceOptions missing = Device("missing", ((IPEndPoint)closed.LocalEndPoint!).Port);
        long before = SystemClock.Instance.UtcNanos;
        await using PollerRig rig = new([Device("plc", answering.Port), missing], "ModbusReadResponse");

        Eventually.True(() => rig.Poller.Devices[0].Polls > 3, "the device is polled");
        Eventually.True(() => rig.Poller.Devices[1].Health.Detail.Contains("refused", StringComparison.OrdinalIgnoreCase),
            "the cause is shown");

        DeviceStatus plc = rig.Poller.Devices[0], other = rig.Poller.Devices[1];
        Assert.Equal(("plc", $"127.0.0.1:{answering.Port}", HealthState.Healthy, 0L),
            (plc.Name, plc.Address, plc.Health.State, plc.Errors));
        Assert.InRange(plc.LastPollAt, before, SystemClock.Instance.UtcNanos);
        Assert.True(plc.JitterMicros >= 0);
        Assert.Equal(("missing", HealthState.Unhealthy, 0L, 0L), (other.Name, other.Health.State, other.Polls, other.LastPollAt));
        Assert.Equal(2, rig.Poller.DeviceCount);
    }

    private static ModbusDeviceOptions Device(string name, int port) => new()
    {
        Name = name,
        Endpoint = new ModbusClientOptions { Host = "127.0.0.1", Port = port, TimeoutMs = 60_000, ConnectTimeoutMs = 60_000 },
        Reads = [new ModbusReadOptions(ModbusTable.HoldingRegisters, 0, 1, 20)],
    };
}
