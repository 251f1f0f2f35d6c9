using System.Net.Sockets;
using Estream.Wire.Modbus;
using Estream.Wire.Modbus.Server;

namespace Estream.Wire.Tools.Simulation;

/// <summary>
/// A simulated plant as a Modbus device with 1,000 addresses in each table. Holding register 0 is a set-point, a temperature in tenths of
/// a degree; input register 0 follows it; input registers 2 and 3 are the temperature in degrees as a float; input 0 is on while the
/// set-point is not reached; register n > 9 has the value n. Other coils and holding registers keep what is written.
/// </summary>
internal sealed class ModbusDevice
{
    private const int Size = 1_000;
    private const ushort FirstSetPoint = 200;
    private const int FirstConstant = 10;

    private readonly ServedTables _tables = new(Size, "Estream"u8, "simulated plant"u8, "1.0"u8);

    public ModbusDevice()
    {
        _tables.Change((_, _, holding, input) =>
        {
            holding[0] = FirstSetPoint;
            for (int address = FirstConstant; address < Size; address++)
            {
                holding[address] = input[address] = (ushort)address;
            }
        });
        Step();
    }

    /// <summary>Moves the temperature by a tenth of a degree towards the set-point.</summary>
    public void Step()
    {
        _tables.Change((_, inputs, holding, input) =>
        {
            input[0] = (ushort)(input[0] + Math.Sign(holding[0] - input[0]));
            inputs[0] = input[0] != holding[0];
            int bits = BitConverter.SingleToInt32Bits(input[0] / 10f);
            (input[2], input[3]) = ((ushort)(bits >> 16), (ushort)bits);
        });
    }

    /// <summary>Serves a connection until it ends.</summary>
    public async Task ServeAsync(NetworkStream stream, CancellationToken cancellation)
    {
        byte[] received = new byte[ModbusLimits.MaxTcpFrameBytes];
        byte[] response = new byte[ModbusLimits.MaxTcpFrameBytes];
        int filled = 0;
        while (true)
        {
            ModbusFrameStatus status = MbapHeader.TryRead(received.AsSpan(0, filled), out MbapHeader header);
            if (status == ModbusFrameStatus.Ok)
            {
                int end = MbapHeader.Length + header.PduLength;
                int length = _tables.Respond(received.AsSpan(MbapHeader.Length, header.PduLength), response.AsSpan(MbapHeader.Length));
                (header with { PduLength = length }).Write(response);
                await stream.WriteAsync(response.AsMemory(0, MbapHeader.Length + length), cancellation).ConfigureAwait(false);
                received.AsSpan(end, filled - end).CopyTo(received);
                filled -= end;
                continue;
            }

            int count = status == ModbusFrameStatus.Incomplete
                ? await stream.ReadAsync(received.AsMemory(filled), cancellation).ConfigureAwait(false)
                : 0;
            if (count == 0)
            {
                return;
            }

            filled += count;
        }
    }
}
