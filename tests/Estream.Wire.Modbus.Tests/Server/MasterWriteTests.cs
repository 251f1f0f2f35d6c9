using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>Writes of masters are stored as ModbusWrite before they are acknowledged, or refused as a whole.</summary>
public sealed class MasterWriteTests
{
    private static readonly ModbusServedPoint[] s_points =
    [
        ServerRig.Point(new() { Name = "speed", Address = 0, Type = PointType.Real32, IsWritable = true }),
        ServerRig.Point(new() { Name = "setpoint", Address = 2, Scale = 0.1, IsWritable = true }),
        ServerRig.Point(new() { Name = "offset", Address = 3, Type = PointType.S16, IsWritable = true }),
        ServerRig.Point(new() { Name = "label", Address = 4, Type = PointType.Text, Registers = 2, IsWritable = true }),
        ServerRig.Point(new() { Name = "measured", Address = 6 }),
        ServerRig.Point(new() { Name = "first", Address = 7, Type = PointType.Bit, Bit = 0, IsWritable = true }),
        ServerRig.Point(new() { Name = "third", Address = 7, Type = PointType.Bit, Bit = 2, IsWritable = true }),
        ServerRig.Point(new() { Name = "digits", Address = 8, Type = PointType.Bcd16, IsWritable = true }),
        ServerRig.Point(new() { Name = "pump", Table = ModbusTable.Coils, Address = 0, Type = PointType.Bit, IsWritable = true }),
        ServerRig.Point(new() { Name = "valve", Table = ModbusTable.Coils, Address = 1, Type = PointType.Bit, IsWritable = true }),
    ];

    [Fact]
    public async Task Each_point_of_a_write_becomes_a_message_with_its_value()
    {
        await using ServerRig rig = new(s_points);
        await using ModbusClient client = await rig.ConnectAsync();
        Assert.True((await client.WriteRegistersAsync(1, 0, new ushort[] { 0x41AC, 0, 250, 0xFFFE, 0x6162, 0 })).IsOk);
        Assert.True((await client.WriteRegistersAsync(1, 7, new ushort[] { 4 })).IsOk);
        Assert.True((await client.WriteRegistersAsync(1, 8, new ushort[] { 0x1234 })).IsOk);
        Assert.True((await client.WriteCoilsAsync(1, 1, new[] { true })).IsOk);
        Assert.True((await client.WriteCoilsAsync(1, 0, new[] { true, false })).IsOk);
        Assert.Equal(
            [
                Write("speed", "\"value\":21.5"), Write("setpoint", "\"value\":25"), Write("offset", "\"signed\":-2"),
                Write("label", "\"text\":\"ab\""), Write("first", "\"unsigned\":0"), Write("third", "\"unsigned\":1"),
                Write("digits", "\"unsigned\":1234"), Write("valve", "\"unsigned\":1"), Write("pump", "\"unsigned\":1"),
                Write("valve", "\"unsigned\":0"),
            ],
            rig.Writes());
        Assert.Equal(10, rig.Server.Statistics.ReceivedTotal);
    }

    [Theory]
    [InlineData("100000000102000A", ModbusExceptionCode.IllegalDataAddress)]
    [InlineData("1000010002040000FFFF", ModbusExceptionCode.IllegalDataAddress)]
    [InlineData("0600060001", ModbusExceptionCode.IllegalDataAddress)]
    [InlineData("060009FFFF", ModbusExceptionCode.IllegalDataAddress)]
    [InlineData("0500020000", ModbusExceptionCode.IllegalDataAddress)]
    [InlineData("0600070002", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("060008000A", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("1000000002047FC00000", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("100004000204FFFFFFFF", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("16000200F20025", ModbusExceptionCode.IllegalFunction)]
    [InlineData("17000200010002000102000A", ModbusExceptionCode.IllegalFunction)]
    [InlineData("2C", ModbusExceptionCode.IllegalFunction)]
    public async Task A_write_that_cannot_be_stored_as_a_whole_is_refused(string pdu, ModbusExceptionCode expected)
    {
        await using ServerRig rig = new(s_points);
        await using ModbusClient client = await rig.ConnectAsync();
        byte[] response = new byte[ModbusLimits.MaxPduBytes];
        ModbusResult result = await client.SendAsync(1, Convert.FromHexString(pdu), response);
        Assert.Equal((ModbusStatus.Exception, expected), (result.Status, result.Exception));
        Assert.Empty(rig.Writes());
    }

    [Fact]
    public async Task Without_a_mapping_every_write_is_refused()
    {
        await using ServerRig rig = new(
            [.. s_points.Select(point => point with { Point = point.Point with { IsWritable = false } })], takesWrites: false);
        await using ModbusClient client = await rig.ConnectAsync();
        ModbusResult result = await client.WriteRegistersAsync(1, 2, new ushort[] { 1 });
        Assert.Equal(ModbusExceptionCode.IllegalFunction, result.Exception);
    }

    [Fact]
    public async Task A_write_gets_no_response_until_the_queue_can_be_written()
    {
        await using ServerRig rig = new(s_points, change: options => options with { RequestSeconds = 60 });
        await using ModbusClient client = await rig.ConnectAsync();
        rig.Block(true);
        Task<ModbusResult> write = client.WriteRegistersAsync(1, 2, new ushort[] { 1, 2 }).AsTask();
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the write is held up");
        Assert.False(write.IsCompleted);
        Assert.Equal(HealthState.Unhealthy, rig.Server.Health.State);
        rig.Block(false);
        Assert.True((await write).IsOk);
        Assert.Equal([Write("setpoint", "\"value\":0.1"), Write("offset", "\"signed\":2")], rig.Writes());
    }

    [Fact]
    public async Task A_write_whose_flush_fails_gets_no_response()
    {
        FailingFlushStorage storage = new();
        await using ServerRig rig = new(s_points, storage: storage);
        using TcpClient client = rig.Open();
        byte[] write = Convert.FromHexString("000100000006010600020001");
        byte[] response = new byte[12];
        await client.GetStream().WriteAsync(write);
        await client.GetStream().ReadExactlyAsync(response);
        Assert.Equal(write, response);

        storage.Fails = true;
        await client.GetStream().WriteAsync(write);

        Assert.Equal(0, await ReadAsync(client, response));
        Assert.Equal(2, rig.Writes().Count);
    }

    [Fact]
    public async Task Requests_that_arrive_together_are_answered_in_their_order()
    {
        await using ServerRig rig = new(s_points);
        using TcpClient client = rig.Open();
        byte[] one = Convert.FromHexString("000100000006010600020001");
        byte[] other = Convert.FromHexString("000200000006010600030002");
        await client.GetStream().WriteAsync((byte[])[.. one, .. other, .. one[..5]]);
        byte[] responses = new byte[24];
        await client.GetStream().ReadExactlyAsync(responses);
        Assert.Equal((byte[])[.. one, .. other], responses);
        Assert.Equal(2, rig.Writes().Count);
    }

    private static async Task<int> ReadAsync(TcpClient client, byte[] response)
    {
        try
        {
            return await client.GetStream().ReadAsync(response);
        }
        catch (IOException)
        {
            // The server has reset the connection.
            return 0;
        }
    }

    private static string Write(string point, string value) => $"{{\"device_id\":\"plant\",\"point\":\"{point}\",{value}}}";
}
