using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>Goal: a poll allocates nothing, from the timer over the socket to the queue. Runs alone, because it counts the allocations of
/// all threads.</summary>
[Collection(Alone)]
public sealed class PollAllocationTests
{
    internal const string Alone = "Allocations of all threads";
    private const int WarmUpPolls = 500;
    private const int PollsPerWindow = 50;
    private const int SmallestObjectBytes = 24;
    private const int Allocating = PollsPerWindow * SmallestObjectBytes;

    [Fact]
    public async Task A_poll_from_timer_to_queue_allocates_nothing()
    {
        using SteadyDevice device = new(registers: 4);
        ModbusDeviceOptions options = new()
        {
            Name = "plc",
            Endpoint = new ModbusClientOptions { Port = device.Port, TimeoutMs = 30_000 },
            Points =
            [
                new ModbusPointOptions { Name = "count", Address = 0, EveryMs = 1 },
                new ModbusPointOptions { Name = "level", Address = 1, Scale = 0.1, UnitOfMeasurement = "m", EveryMs = 1 },
                new ModbusPointOptions { Name = "flow", Address = 2, Type = PointType.Real32, EveryMs = 1 },
            ],
        };
        await using PollerRig rig = new([options], "ModbusValue", "ModbusReadResponse");
        Eventually.True(() => device.Answered >= WarmUpPolls, "the poller is warm");

        // The adapter looks five times a second whether a blocked queue can be written again, and the test host has threads too. Both
        // allocate a few objects in some windows. A poll that allocates would allocate at least the smallest object in each of its runs.
        long least = AllocationMeter.LeastOnAllThreads(Allocating, () => Await(device, device.Answered + PollsPerWindow));

        Assert.InRange(least, 0, Allocating - 1);
        Assert.True(rig.Messages().Count >= 4 * WarmUpPolls, "each poll is stored with its three values");
        Assert.Empty(rig.Letters());
    }

    private static void Await(SteadyDevice device, int answered)
    {
        while (device.Answered < answered)
        {
            Thread.Sleep(1);
        }
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class AloneCollection;
}
