using System.Globalization;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>The masters of two other implementations read and write the server.</summary>
public sealed class ServerPeerTests
{
    private static readonly ModbusServedPoint[] s_points =
    [
        ServerRig.Point(new() { Name = "temperature", Table = ModbusTable.InputRegisters, Address = 2, Type = PointType.Real32 }),
        ServerRig.Point(new() { Name = "setpoint", Address = 0, IsWritable = true }),
        ServerRig.Point(new() { Name = "next", Address = 1, IsWritable = true }),
        ServerRig.Point(new() { Name = "pump", Table = ModbusTable.Coils, Address = 0, Type = PointType.Bit, IsWritable = true }),
    ];

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public Task Pymodbus_reads_writes_and_understands_exceptions() => RunAsync("pymodbus");

    [PeerFact("/usr/include/modbus/modbus.h", "libmodbus-dev")]
    public Task Libmodbus_reads_writes_and_understands_exceptions() => RunAsync("libmodbus");

    private static async Task RunAsync(string peer)
    {
        await using ServerRig rig = new(s_points);
        rig.Map.Put("temperature", "\"value\":21.5");
        rig.Map.Put("setpoint", "\"value\":250");
        rig.Map.Put("next", "\"value\":251");
        rig.Map.Put("pump", "\"value\":1");
        ProcessResult end = ChildProcess.Run(
            "/usr/bin/python3", [PymodbusServer.Script("modbus_master.py"), peer, rig.Port.ToString(CultureInfo.InvariantCulture)])
            .EnsureSuccess();
        Assert.Equal(
            ["input 16812 0", "holding 250 251", "coil 1", "refused 2", "refused 10", "written"],
            end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string[] points = ["setpoint", "setpoint", "next", "pump"];
        string[] values = ["7", "8", "9", "1"];
        Assert.Equal(
            points.Zip(values, (point, value) => $"{{\"device_id\":\"plant\",\"point\":\"{point}\",\"unsigned\":{value}}}"), rig.Writes());
    }
}
