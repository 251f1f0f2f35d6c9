using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Client;

/// <summary>The client against the server of pymodbus.</summary>
public sealed class PymodbusClientTests
{
    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task The_tables_of_pymodbus_are_read_and_written()
    {
        using PymodbusServer server = PymodbusServer.StartTcp();
        await using ModbusClient client =
            await ModbusClient.ConnectAsync(new ModbusClientOptions { Port = server.Port, TimeoutMs = 60_000, ConnectTimeoutMs = 60_000 });

        ushort[] registers = new ushort[125];
        foreach (ModbusFunctionCode table in new[] { ModbusFunctionCode.ReadHoldingRegisters, ModbusFunctionCode.ReadInputRegisters })
        {
            Assert.True((await client.ReadRegistersAsync(1, table, 100, registers)).IsOk);
            Assert.Equal(Enumerable.Range(100, 125).Select(address => (ushort)(7 * address)), registers);
        }

        bool[] inputs = new bool[500];
        Assert.True((await client.ReadBitsAsync(1, ModbusFunctionCode.ReadDiscreteInputs, 3, inputs)).IsOk);
        Assert.Equal(Enumerable.Range(3, 500).Select(address => address % 2 == 1), inputs);

        Assert.True((await client.WriteRegistersAsync(1, 5, new ushort[] { 555 })).IsOk);
        Assert.True((await client.WriteRegistersAsync(1, 6, new ushort[] { 1, 2, 3 })).IsOk);
        ushort[] written = new ushort[4];
        Assert.True((await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 5, written)).IsOk);
        Assert.Equal([555, 1, 2, 3], written);

        Assert.True((await client.WriteCoilsAsync(1, 9, new[] { true })).IsOk);
        Assert.True((await client.WriteCoilsAsync(1, 11, new[] { true, true, false, true })).IsOk);
        bool[] coils = new bool[8];
        Assert.True((await client.ReadBitsAsync(1, ModbusFunctionCode.ReadCoils, 8, coils)).IsOk);
        Assert.Equal([false, true, false, true, true, false, true, false], coils);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task The_rarer_functions_of_pymodbus_are_understood()
    {
        using PymodbusServer server = PymodbusServer.StartTcp();
        await using ModbusClient client =
            await ModbusClient.ConnectAsync(new ModbusClientOptions { Port = server.Port, TimeoutMs = 60_000, ConnectTimeoutMs = 60_000 });
        byte[] request = new byte[ModbusLimits.MaxPduBytes];
        byte[] response = new byte[ModbusLimits.MaxPduBytes];

        async Task<byte[]> Send(int length)
        {
            ModbusResult result = await client.SendAsync(1, request.AsMemory(0, length), response);
            Assert.True(result.IsOk, result.Describe());
            return response[..result.Length];
        }

        await Send(ModbusRequest.MaskWrite(4, 0xFFF0, 0x0005, request));
        byte[] both = await Send(ModbusRequest.ReadWrite(4, 1, 20, [77], request));
        Assert.Equal((7 * 4 & 0xFFF0) | 5, (both[2] << 8) | both[3]);
        await Send(ModbusRequest.Diagnostics(0, 0x1234, request));

        Dictionary<byte, string> objects = [];
        byte[] identification = await Send(ModbusRequest.ReadDeviceIdentification(1, 0, request));
        Assert.True(DeviceIdentification.TryRead(identification, objects, out _));
        Assert.Equal("Peer", objects[0]);
        Assert.Equal(0, client.InvalidResponses);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task An_exception_of_pymodbus_is_reported_with_its_code()
    {
        using PymodbusServer server = PymodbusServer.StartTcp();
        await using ModbusClient client =
            await ModbusClient.ConnectAsync(new ModbusClientOptions { Port = server.Port, TimeoutMs = 60_000, ConnectTimeoutMs = 60_000 });

        ModbusResult result = await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 5000, new ushort[1]);

        Assert.Equal(ModbusStatus.Exception, result.Status);
        Assert.Equal(ModbusExceptionCode.IllegalDataAddress, result.Exception);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Requests_under_way_at_the_same_time_get_their_own_responses()
    {
        using PymodbusServer server = PymodbusServer.StartTcp();
        await using ModbusClient client = await ModbusClient.ConnectAsync(
            new ModbusClientOptions { Port = server.Port, TimeoutMs = 60_000, ConnectTimeoutMs = 60_000, InFlight = 8 });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async lane =>
        {
            ushort[] one = new ushort[1];
            for (int round = 0; round < 20; round++)
            {
                ushort address = (ushort)((lane * 100) + round);
                Assert.True((await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, address, one)).IsOk);
                Assert.Equal((ushort)(7 * address), one[0]);
            }
        }));
        Assert.Equal(0, client.LateResponses + client.InvalidResponses);
    }
}
