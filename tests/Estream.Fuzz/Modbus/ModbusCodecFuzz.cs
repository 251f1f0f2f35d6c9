using Estream.Testing;
using Estream.Wire.Modbus;
using Estream.Wire.Modbus.Server;

namespace Estream.Fuzz.Modbus;

/// <summary>The codec on arbitrary bytes: no exception, no read outside of the bytes, and results within the limits.</summary>
public sealed class ModbusCodecFuzz
{
    private static readonly byte[][] s_seeds =
    [
        .. new[]
        {
            "0100130013", "03006B0003", "0500ACFF00", "0F0013000A02CD01", "100001000204000A0102", "140E0600040001000206000300090002",
            "150D0600040007000306AF04BE100D", "16000400F20025", "1700030006000E00030600FF00FF00FF", "1804DE", "2B0E0100",
            "0306022B00000064", "180006000201B81284", "140C05060DFE0020050633CD0040", "2B0E010100000300024142010143020144",
        }.Select(Convert.FromHexString),
    ];

    /// <summary>A unit whose coils and holding registers can all be written.</summary>
    private static readonly ServedUnit s_unit = new("unit",
        Enumerable.Range(0, 512).Select(index => new ServedPoint(index, "u", new ModbusServedPoint(
            new ModbusPointOptions
            {
                Name = "p",
                Table = index < 256 ? ModbusTable.Coils : ModbusTable.HoldingRegisters,
                Address = (ushort)(index % 256),
                Type = index < 256 ? PointType.Bit : index % 3 == 0 ? PointType.Bcd16 : PointType.U16,
                IsWritable = true,
            }, "p", "value"), null)), null, takesWrites: true);

    [Property(2_000, 10_000_000)]
    public void Requests_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] pdu = Damage(seed, place, value, noise);
        if (ModbusRequestView.TryParse(pdu, out ModbusRequestView request) == ModbusExceptionCode.None)
        {
            Assert.InRange(request.Quantity, 0, ModbusLimits.MaxReadBits);
            Assert.InRange(request.Address + request.Quantity, 0, ModbusLimits.TableSize);
            Assert.True(request.Data.Length <= pdu.Length);
        }
    }

    [Property(2_000, 10_000_000)]
    public void Responses_never_throw(byte seed, byte other, int place, byte value, byte[] noise)
    {
        byte[] request = s_seeds[other % s_seeds.Length];
        byte[] response = Damage(seed, place, value, noise);
        if (ModbusResponseView.TryParse(request, response, out ModbusResponseView view))
        {
            Assert.True(view.Data.Length < response.Length);
        }

        DeviceIdentification.TryRead(response, new Dictionary<byte, string>(), out _);
    }

    [Property(2_000, 10_000_000)]
    public void Frames_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(seed, place, value, noise);
        if (MbapHeader.TryRead(bytes, out MbapHeader header) == ModbusFrameStatus.Ok)
        {
            Assert.InRange(header.PduLength, 1, ModbusLimits.MaxPduBytes);
        }

        RtuFrame.IsValid(bytes);
        Assert.InRange(RtuFrame.RequestLength(bytes), -1, ModbusLimits.MaxRtuFrameBytes);
        Assert.InRange(RtuFrame.ResponseLength(bytes, s_seeds[seed % s_seeds.Length]), -1, ModbusLimits.MaxRtuFrameBytes);
    }

    [Property(2_000, 10_000_000)]
    public void Server_answers_any_request_within_the_limits(byte seed, int place, byte value, byte[] noise)
    {
        byte[] pdu = Damage(seed, place, value, noise);
        WriteBatch writes = new();
        byte[] response = new byte[ModbusLimits.MaxPduBytes];
        if (ModbusRequestView.TryParse(pdu, out ModbusRequestView request) == ModbusExceptionCode.None
            && s_unit.Respond(request, [], 0, writes, response, out int length) == ModbusExceptionCode.None)
        {
            Assert.InRange(length, 2, ModbusLimits.MaxPduBytes);
            Assert.InRange(writes.Count, 0, ModbusLimits.MaxWriteBits);
        }
    }

    [Property(2_000, 2_000_000)]
    public void Registers_that_are_a_value_are_written_back_unchanged(byte type, byte order, long bits)
    {
        PointType[] numbers = [.. Enum.GetValues<PointType>().Where(one => one is not (PointType.Bit or PointType.Text))];
        PointType number = numbers[type % numbers.Length];
        WordOrder arrangement = (WordOrder)(order % 4);
        byte[] registers = BitConverter.GetBytes(bits)[..(2 * RegisterCodec.Registers(number))];

        PointValue value = RegisterCodec.Read(number, arrangement, registers);
        byte[] written = new byte[registers.Length];

        if (value.Kind != PointValueKind.Invalid)
        {
            Assert.True(RegisterCodec.TryWrite(number, arrangement, value, written));
            Assert.Equal(registers, written);
        }
    }

    [Property(2_000, 2_000_000)]
    public void Numbers_that_do_not_fit_the_registers_are_refused(byte type, byte order, double number)
    {
        PointType[] integers = [PointType.S16, PointType.U16, PointType.S32, PointType.U32, PointType.Bcd16, PointType.Bcd32];
        PointType integer = integers[type % integers.Length];
        WordOrder arrangement = (WordOrder)(order % 4);
        byte[] registers = new byte[2 * RegisterCodec.Registers(integer)];

        if (RegisterCodec.TryWrite(integer, arrangement, PointValue.Of(number), registers))
        {
            double read = RegisterCodec.Read(integer, arrangement, registers).Number;
            Assert.Equal(Math.Round(number, MidpointRounding.AwayFromZero), read);
        }
    }

    private static byte[] Damage(byte seed, int place, byte value, byte[] noise)
    {
        byte[] pdu = [.. s_seeds[seed % s_seeds.Length]];
        pdu[(int)((uint)place % (uint)pdu.Length)] = value;
        return (place & 3) switch
        {
            0 => [.. pdu, .. noise],
            1 => pdu[..(int)((uint)place % (uint)pdu.Length)],
            2 => noise,
            _ => pdu,
        };
    }
}
