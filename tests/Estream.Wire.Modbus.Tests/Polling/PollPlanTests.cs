using Estream.Testing;
using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>The joining of points and blocks into requests.</summary>
public sealed class PollPlanTests
{
    private static IReadOnlyList<PlannedRead> Plan(ModbusDeviceOptions device) =>
        PollPlan.Create([device], [.. device.Points.Select((point, index) => new PlannedPoint(index, 0, point))]);

    private static ModbusDeviceOptions Device(int maxGap, params ModbusPointOptions[] points) => new()
    {
        Name = "plc", Endpoint = new ModbusClientOptions(), MaxGap = maxGap, Points = points,
    };

    private static ModbusPointOptions Point(int address, PointType type = PointType.U16, int everyMs = 1_000,
        ModbusTable table = ModbusTable.HoldingRegisters) =>
        new() { Name = $"{table}-{address}", Address = (ushort)address, Type = type, EveryMs = everyMs, Table = table };

    [Fact]
    public void Neighbours_of_one_rate_and_table_are_read_with_one_request()
    {
        PlannedRead read = Assert.Single(Plan(Device(3, Point(4, PointType.Real32), Point(0), Point(8))));
        Assert.Equal((0, 9, 3), (read.Address, read.Count, read.Points.Count));
    }

    [Fact]
    public void A_larger_gap_another_rate_and_another_table_need_a_request_each()
    {
        IReadOnlyList<PlannedRead> plan = Plan(Device(
            2, Point(0), Point(4), Point(1, everyMs: 500), Point(1, table: ModbusTable.InputRegisters)));
        Assert.Equal(4, plan.Count);
    }

    [Fact]
    public void A_block_that_is_longer_than_a_request_is_divided()
    {
        ModbusDeviceOptions device = Device(0) with { Reads = [new ModbusReadOptions(ModbusTable.HoldingRegisters, 10, 300, 1_000)] };
        Assert.Equal([(10, 125), (135, 125), (260, 50)], Plan(device).Select(read => ((int)read.Address, read.Count)));
    }

    [Property(200, 20_000)]
    public void Every_point_is_in_exactly_one_request_that_contains_it_whole(ushort[] addresses, byte maxGap, byte limit)
    {
        PointType[] types = [PointType.U16, PointType.Real32, PointType.S64];
        ModbusPointOptions[] points =
            [.. addresses.Distinct().Select((address, index) => Point(address % 2_000, types[index % 3]) with { Name = $"p{index}" })];
        ModbusDeviceOptions device = Device(maxGap % 125, points) with { MaxRegisters = 4 + (limit % 122) };

        IReadOnlyList<PlannedRead> plan = Plan(device);

        Assert.Equal(points.Length, plan.Sum(read => read.Points.Count));
        Assert.Equal(points.Length, plan.SelectMany(read => read.Points).Distinct().Count());
        foreach (PlannedRead read in plan)
        {
            Assert.InRange(read.Count, 1, device.MaxRegisters);
            Assert.All(read.Points, point => Assert.True(
                point.Options.Address >= read.Address && point.Options.Address + point.Options.Length <= read.Address + read.Count));
        }
    }
}
