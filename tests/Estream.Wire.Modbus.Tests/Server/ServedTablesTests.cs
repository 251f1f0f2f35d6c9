using Estream.Wire.Modbus.Server;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Estream.Wire.Modbus.Tests.Server;

public sealed class ServedTablesTests
{
    private const int Size = 200;

    private readonly ServedTables _tables = new(Size, "Vendor"u8, "Product"u8, "1.0"u8);

    [Theory]
    [InlineData("07", "87 01")]                                 // a function of serial lines
    [InlineData("63", "E3 01")]                                 // a function that does not exist
    [InlineData("2B 0D 01 00", "AB 01")]                        // another interface than the device identification
    [InlineData("03 00C7 0002", "83 02")]                       // the second register is beyond the table
    [InlineData("01 00C8 0001", "81 02")]
    [InlineData("02 00C7 0002", "82 02")]
    [InlineData("04 FFFF 0001", "84 02")]
    [InlineData("05 00C8 FF00", "85 02")]
    [InlineData("06 00C8 0001", "86 02")]
    [InlineData("16 00C8 0000 0000", "96 02")]
    [InlineData("17 0000 0001 00C7 0002 04 0001 0002", "97 02")]
    [InlineData("17 00C7 0002 0000 0001 02 0001", "97 02")]
    [InlineData("0F 00C7 0002 01 03", "8F 02")]
    [InlineData("10 00C7 0002 04 0001 0002", "90 02")]
    [InlineData("03 0000 0000", "83 03")]
    [InlineData("05 0000 1234", "85 03")]
    [InlineData("03 0000", "83 03")]
    public void An_invalid_request_gets_an_exception_and_changes_nothing(string request, string response)
    {
        Assert.Equal(Bytes(response), Respond(Bytes(request)));
        _tables.Change((coils, inputs, holding, input) =>
        {
            Assert.DoesNotContain(true, coils);
            Assert.DoesNotContain(true, inputs);
            Assert.All(holding, value => Assert.Equal(0, value));
            Assert.All(input, value => Assert.Equal(0, value));
        });
    }

    /// <summary>The masked write is the example of 6.16.</summary>
    [Fact]
    public void Masked_and_combined_writes_change_registers()
    {
        _tables.Change((_, _, holding, _) => holding[4] = 0x12);

        Assert.Equal(Bytes("16 0004 00F2 0025"), Respond(Bytes("16 0004 00F2 0025")));
        Assert.Equal(Bytes("03 02 0017"), Respond(Bytes("03 0004 0001")));
        Assert.Equal(Bytes("17 04 00FF 00FF"), Respond(Bytes("17 000E 0002 000E 0003 06 00FF 00FF 00FF")));
    }

    [Fact]
    public void A_device_identification_is_answered() =>
        Assert.Equal(
            Bytes("2B 0E 01 81 00 00 03 00 06 56656E646F72 01 07 50726F64756374 02 03 312E30"), Respond(Bytes("2B 0E 01 00")));

    [Property]
    public Property Written_registers_are_read_back() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ushort[]>().Filter(values => values.Length is > 0 and <= 100), Gen.Choose(0, Size - 100).ToArbitrary(),
            (values, first) =>
            {
                byte[] pdu = new byte[ModbusLimits.MaxPduBytes];
                int length = ModbusRequest.WriteRegisters((ushort)first, values, pdu);
                Assert.Equal(pdu[..5], Respond(pdu[..length]));
                length = ModbusRequest.Read(ModbusFunctionCode.ReadHoldingRegisters, (ushort)first, values.Length, pdu);
                ushort[] found = new ushort[values.Length];
                ModbusBits.Read(Respond(pdu[..length]).AsSpan(2), found);
                Assert.Equal(values, found);
            });

    [Property]
    public Property Written_coils_are_read_back() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<bool[]>().Filter(values => values.Length is > 0 and <= 100), Gen.Choose(0, Size - 100).ToArbitrary(),
            (values, first) =>
            {
                byte[] pdu = new byte[ModbusLimits.MaxPduBytes];
                int length = ModbusRequest.WriteCoils((ushort)first, values, pdu);
                Assert.Equal(pdu[..5], Respond(pdu[..length]));
                length = ModbusRequest.Read(ModbusFunctionCode.ReadCoils, (ushort)first, values.Length, pdu);
                bool[] found = new bool[values.Length];
                ModbusBits.Unpack(Respond(pdu[..length]).AsSpan(2), found);
                Assert.Equal(values, found);
            });

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private byte[] Respond(byte[] pdu)
    {
        byte[] response = new byte[ModbusLimits.MaxPduBytes];
        return response[.._tables.Respond(pdu, response)];
    }
}
