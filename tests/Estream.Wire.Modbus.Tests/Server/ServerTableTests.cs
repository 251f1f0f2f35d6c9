using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>Goal: an operator sees the masters of a server, and their requests.</summary>
public sealed class ServerTableTests
{
    [Fact]
    public async Task A_master_has_the_counts_of_its_requests()
    {
        await using ServerRig rig = new([ServerRig.Point(new() { Name = "level", Address = 0 })]);
        await using ModbusClient client = await rig.ConnectAsync();
        await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 500, new ushort[1]);
        AdapterTable table = Assert.Single(rig.Server.Tables);

        Eventually.True(() => table.Read(new AdapterTableRequest("127.0.0.1", 10, null)).Rows is [{ } row]
            && (row[4].Number, row[5].Number) == (1, 1), "the request is counted");
    }
}
