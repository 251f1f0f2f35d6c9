using System.Collections.Concurrent;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>Devices that fail: what the health says, and what their neighbours on the connection notice.</summary>
public sealed class DeviceHealthTests
{
    private static ModbusDeviceOptions Device(int port, byte unit, int timeoutMs, params int[] addresses) => new()
    {
        Name = $"unit-{unit}",
        Unit = unit,
        Endpoint = new ModbusClientOptions { Port = port, TimeoutMs = timeoutMs },
        MaxGap = 0,
        MaxBackoffMs = 3_600_000,
        Points = [.. addresses.Select(address =>
            new ModbusPointOptions { Name = $"p{address}", Address = (ushort)address, EveryMs = 20 })],
    };

    [Fact]
    public async Task A_device_that_answers_a_read_with_an_exception_is_degraded_until_it_answers_with_values()
    {
        bool isFailing = true;
        await using HostileServer server = new(async (request, _, send) =>
            await send(request[9] == 40 && Volatile.Read(ref isFailing)
                ? HostileServer.Exception(request, 2) : HostileServer.Register(request, 1)));
        await using PollerRig rig = new([Device(server.Port, 1, 30_000, 10, 40)], "ModbusValue");

        Eventually.True(() => rig.Poller.Health.State == HealthState.Degraded, "the exception shows in the health");
        int stored = rig.Messages().Count;
        Eventually.True(() => rig.Messages().Count > stored + 2, "the other read is still answered");

        Assert.Equal(HealthState.Degraded, rig.Poller.Health.State);
        Assert.Contains("IllegalDataAddress", rig.Poller.Health.Detail, StringComparison.Ordinal);
        Assert.Contains("address 40", rig.Poller.Health.Detail, StringComparison.Ordinal);
        Volatile.Write(ref isFailing, false);
        Eventually.True(() => rig.Poller.Health.State == HealthState.Healthy, "all reads are answered");
    }

    [Theory]
    [InlineData(0x0A)]
    [InlineData(0x0B)]
    public async Task A_unit_that_its_gateway_cannot_reach_is_degraded_and_waits(int exception)
    {
        ConcurrentQueue<byte> units = new();
        await using HostileServer gateway = new(async (request, _, send) =>
        {
            units.Enqueue(request[6]);
            await send(request[6] == 1 ? HostileServer.Exception(request, exception) : HostileServer.Register(request, 1));
        });
        await using PollerRig rig = new([Device(gateway.Port, 1, 30_000, 10), Device(gateway.Port, 2, 30_000, 10)], "ModbusValue");

        Eventually.True(() => units.Count(unit => unit == 2) >= 40, "the other unit is polled");

        Assert.Equal(HealthState.Degraded, rig.Poller.Health.State);
        Assert.Contains("unit-1", rig.Poller.Health.Detail, StringComparison.Ordinal);
        Assert.InRange(units.Count(unit => unit == 1), 1, 20);
    }

    [Fact]
    public async Task A_silent_unit_with_many_reads_costs_its_neighbours_one_time_out()
    {
        ConcurrentQueue<byte> units = new();
        await using HostileServer gateway = new(async (request, _, send) =>
        {
            units.Enqueue(request[6]);
            if (request[6] == 2)
            {
                await send(HostileServer.Register(request, 1));
            }
        });
        int[] addresses = [.. Enumerable.Range(0, 8).Select(index => 10 * index)];
        await using PollerRig rig = new(
            [Device(gateway.Port, 1, 300, addresses), Device(gateway.Port, 2, 30_000, 500)], "ModbusValue");

        Eventually.True(
            () => units.Count(unit => unit == 1) >= 3 && units.Count(unit => unit == 2) >= 3, "both units were asked several times");

        // Without the wait, the other seven reads follow the first immediately. A pause of this machine can be as long as a wait.
        Assert.InRange(Repeats(units), 0, 2);
    }

    private static int Repeats(IEnumerable<byte> units)
    {
        byte[] all = [.. units];
        return Enumerable.Range(1, all.Length - 1).Count(index => all[index] == 1 && all[index - 1] == 1);
    }
}
