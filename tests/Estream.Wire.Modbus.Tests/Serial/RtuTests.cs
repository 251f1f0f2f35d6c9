using Estream.Testing;
using Estream.Wire.Modbus.Polling;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Serial;

/// <summary>The client on a serial line: with pymodbus, and with a device that answers late or wrongly.</summary>
public sealed class RtuTests
{
    private static Task<ModbusClient> ConnectAsync(PtyPair line, int timeoutMs) => ModbusClient.ConnectAsync(new ModbusClientOptions
    {
        Serial = new SerialLineOptions(line.Master) { BaudRate = 115_200, Parity = SerialParity.None },
        TimeoutMs = timeoutMs,
    });

    private static async Task<(ModbusResult Result, int Value)> ReadAsync(ModbusClient client, int address)
    {
        ushort[] one = new ushort[1];
        ModbusResult result = await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, (ushort)address, one);
        return (result, one[0]);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task The_registers_of_pymodbus_are_read_and_written_on_a_serial_line()
    {
        using PtyPair line = new();
        using PymodbusServer server = PymodbusServer.StartRtu(line.Device, 115_200);
        await using ModbusClient client = await ConnectAsync(line, timeoutMs: 20_000);

        ushort[] registers = new ushort[125];
        Assert.True((await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadInputRegisters, 100, registers)).IsOk);
        Assert.Equal(Enumerable.Range(100, 125).Select(address => (ushort)(7 * address)), registers);

        Assert.True((await client.WriteRegistersAsync(1, 5, new ushort[] { 1, 2, 3 })).IsOk);
        Assert.Equal(2, (await ReadAsync(client, 6)).Value);
        Assert.Equal(ModbusExceptionCode.IllegalDataAddress, (await ReadAsync(client, 5_000)).Result.Exception);
    }

    [PeerFact("socat", "socat")]
    public async Task A_late_response_on_a_serial_line_is_never_taken_for_the_next()
    {
        using PtyPair line = new();

        // The late response must arrive within the second time-out, and each other response within one, also on a slow machine.
        await using ModbusClient client = await ConnectAsync(line, timeoutMs: 5_000);
        TaskCompletionSource timedOut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FileStream device = new(line.Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        Task serving = Task.Run(async () =>
        {
            byte[] request = new byte[8];
            for (int number = 0; number < 4; number++)
            {
                device.ReadExactly(request);
                if (number == 0)
                {
                    // After the time-out of the client, and before it may send again.
                    await timedOut.Task;
                }

                device.Write(Response(request));
            }
        });

        Assert.Equal(ModbusStatus.Timeout, (await ReadAsync(client, 111)).Result.Status);
        timedOut.SetResult();
        for (int address = 1; address <= 3; address++)
        {
            Assert.Equal(address, (await ReadAsync(client, address)).Value);
        }

        Assert.Equal(1, client.LateResponses);
        await serving;
    }

    [PeerFact("socat", "socat")]
    public async Task A_read_of_unit_0_on_a_serial_line_returns_no_registers()
    {
        using PtyPair line = new();
        await using ModbusClient client = await ConnectAsync(line, timeoutMs: 1_000);
        ushort[] one = [42];

        ModbusResult result = await client.ReadRegistersAsync(0, ModbusFunctionCode.ReadHoldingRegisters, 7, one);

        Assert.Equal(ModbusStatus.InvalidResponse, result.Status);
        Assert.Equal(42, one[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(248)]
    public void A_device_with_a_reserved_unit_on_a_serial_line_is_refused(byte unit)
    {
        ModbusPollerOptions options = new()
        {
            Devices =
            [
                new ModbusDeviceOptions
                {
                    Name = "meter", Unit = unit, Endpoint = new ModbusClientOptions { Serial = new SerialLineOptions("/dev/ttyUSB0") },
                },
            ],
        };

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => PollerChecks.Check(options));

        Assert.Contains("'meter'", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Response(byte[] request)
    {
        byte[] frame = [request[0], 3, 2, request[2], request[3], 0, 0];
        ushort crc = 0xFFFF;
        foreach (byte one in frame.AsSpan(0, 5))
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1);
            }
        }

        (frame[5], frame[6]) = ((byte)crc, (byte)(crc >> 8));
        return frame;
    }
}
