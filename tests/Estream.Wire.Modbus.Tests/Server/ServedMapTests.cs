namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>Masters read the values of a map, and get the exceptions of the standard.</summary>
public sealed class ServedMapTests
{
    private static readonly ModbusServedPoint[] s_points =
    [
        ServerRig.Point(new() { Name = "temperature", Table = ModbusTable.InputRegisters, Address = 2, Type = PointType.Real32 }),
        ServerRig.Point(new()
        {
            Name = "swapped", Table = ModbusTable.InputRegisters, Address = 4, Type = PointType.Real32, Order = WordOrder.WordSwapped,
        }),
        ServerRig.Point(new() { Name = "level", Address = 10, Scale = 0.5, Offset = 1 }),
        new(new() { Name = "count", Address = 11, Type = PointType.U64 }, "count", "unsigned"),
        ServerRig.Point(new() { Name = "label", Address = 15, Type = PointType.Text, Registers = 3 }),
        ServerRig.Point(new() { Name = "low", Address = 20, Type = PointType.Bit, Bit = 0 }),
        ServerRig.Point(new() { Name = "high", Address = 20, Type = PointType.Bit, Bit = 15 }),
        ServerRig.Point(new() { Name = "running", Table = ModbusTable.Coils, Address = 7, Type = PointType.Bit }),
        ServerRig.Point(new() { Name = "alarm", Table = ModbusTable.Coils, Address = 8, Type = PointType.Bit }),
    ];

    [Fact]
    public async Task Values_are_read_in_the_types_and_orders_of_their_points()
    {
        await using ServerRig rig = new(s_points);
        rig.Map.Put("temperature", "\"value\":21.5");
        rig.Map.Put("swapped", "\"value\":21.5");
        rig.Map.Put("level", "\"value\":36");
        rig.Map.Put("count", "\"unsigned\":18446744073709551615");
        rig.Map.Put("label", "\"text\":\"abc\"");
        rig.Map.Put("low", "\"value\":1");
        rig.Map.Put("high", "\"value\":1");
        rig.Map.Put("running", "\"value\":0");
        rig.Map.Put("alarm", "\"value\":1");
        await using ModbusClient client = await rig.ConnectAsync();

        Assert.Equal((int[])[0x41AC, 0x0000, 0x0000, 0x41AC], await ReadAsync(client, ModbusFunctionCode.ReadInputRegisters, 2, 4));
        Assert.Equal((int[])[70, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0x6162, 0x6300, 0],
            await ReadAsync(client, ModbusFunctionCode.ReadHoldingRegisters, 10, 8));
        Assert.Equal((int[])[0x8001], await ReadAsync(client, ModbusFunctionCode.ReadHoldingRegisters, 20, 1));
        bool[] coils = new bool[2];
        Assert.True((await client.ReadBitsAsync(1, ModbusFunctionCode.ReadCoils, 7, coils)).IsOk);
        Assert.Equal([false, true], coils);

        rig.Map.Put("temperature", "\"value\":-1");
        Assert.Equal((int[])[0xBF80, 0], await ReadAsync(client, ModbusFunctionCode.ReadInputRegisters, 2, 2));
    }

    [Fact]
    public async Task A_read_may_begin_and_end_inside_a_point()
    {
        await using ServerRig rig = new(s_points);
        rig.Map.Put("temperature", "\"value\":21.5");
        rig.Map.Put("swapped", "\"value\":21.5");
        await using ModbusClient client = await rig.ConnectAsync();
        Assert.Equal((int[])[0x0000, 0x0000], await ReadAsync(client, ModbusFunctionCode.ReadInputRegisters, 3, 2));
        Assert.Equal((int[])[0x41AC], await ReadAsync(client, ModbusFunctionCode.ReadInputRegisters, 5, 1));
    }

    [Theory]
    [InlineData(1, 0, 1, ModbusExceptionCode.IllegalDataAddress)]
    [InlineData(1, 9, 2, ModbusExceptionCode.IllegalDataAddress)]
    [InlineData(1, 18, 1, ModbusExceptionCode.IllegalDataAddress)]
    [InlineData(1, 17, 4, ModbusExceptionCode.IllegalDataAddress)]
    [InlineData(1, 65535, 1, ModbusExceptionCode.IllegalDataAddress)]
    [InlineData(1, 10, 1, ModbusExceptionCode.GatewayTargetFailedToRespond)]
    [InlineData(1, 11, 4, ModbusExceptionCode.ServerDeviceFailure)]
    [InlineData(1, 15, 3, ModbusExceptionCode.ServerDeviceFailure)]
    [InlineData(2, 10, 1, ModbusExceptionCode.GatewayPathUnavailable)]
    public async Task A_read_that_cannot_be_answered_gets_an_exception(int unit, int address, int count, ModbusExceptionCode expected)
    {
        ModbusServedPoint count64 = ServerRig.Point(new() { Name = "count", Address = 11, Type = PointType.U64 });
        await using ServerRig rig = new([.. s_points.Where(point => point.Point.Name != "count"), count64]);
        rig.Map.Put("count", "\"value\":-3");
        rig.Map.Put("label", "\"text\":\"longer than six\"");
        await using ModbusClient client = await rig.ConnectAsync();
        ModbusResult result = await client.ReadRegistersAsync(
            (byte)unit, ModbusFunctionCode.ReadHoldingRegisters, (ushort)address, new ushort[count]);
        Assert.Equal((ModbusStatus.Exception, expected), (result.Status, result.Exception));
        Assert.Equal(1, rig.Server.Statistics.RejectedTotal);
    }

    [Fact]
    public void A_map_that_does_not_exist_or_does_not_fit_is_refused()
    {
        WireConfigurationException missing = Assert.Throws<WireConfigurationException>(
            () => new ServerRig(s_points, change: options => options with { Map = "none" }));
        Assert.Contains("the map 'none' does not exist", missing.Message, StringComparison.Ordinal);
        WireConfigurationException field = Assert.Throws<WireConfigurationException>(
            () => new ServerRig([new(new() { Name = "level", Address = 10 }, "level", "pressure")]));
        Assert.Contains("ModbusValue has no field 'pressure'", field.Message, StringComparison.Ordinal);
        WireConfigurationException kind = Assert.Throws<WireConfigurationException>(
            () => new ServerRig([new(new() { Name = "level", Address = 10 }, "level", "device_id")]));
        Assert.Contains("does not fit the type", kind.Message, StringComparison.Ordinal);
    }

    private static async Task<int[]> ReadAsync(ModbusClient client, ModbusFunctionCode table, int address, int count)
    {
        ushort[] registers = new ushort[count];
        ModbusResult result = await client.ReadRegistersAsync(1, table, (ushort)address, registers);
        Assert.True(result.IsOk, result.Describe());
        return [.. registers.Select(register => (int)register)];
    }
}
