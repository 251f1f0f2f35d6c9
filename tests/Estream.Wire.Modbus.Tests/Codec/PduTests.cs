using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Codec;

/// <summary>Requests and responses of all public functions.</summary>
public sealed class PduTests
{
    [Fact]
    public void The_samples_have_every_public_function()
    {
        Assert.Equal(Enum.GetValues<ModbusFunctionCode>().Where(function => function != ModbusFunctionCode.None).Order(),
            PduSamples.All.Select(sample => (ModbusFunctionCode)sample.Request[0]).Order());
    }

    [Fact]
    public void Every_request_of_the_standard_is_accepted()
    {
        foreach ((byte[] request, _) in PduSamples.All)
        {
            Assert.Equal(ModbusExceptionCode.None, ModbusRequestView.TryParse(request, out ModbusRequestView view));
            Assert.Equal((ModbusFunctionCode)request[0], view.Function);
        }
    }

    [Fact]
    public void Every_response_of_the_standard_answers_its_own_request_and_no_other()
    {
        foreach ((byte[] request, _) in PduSamples.All)
        {
            foreach ((byte[] other, byte[] response) in PduSamples.All)
            {
                Assert.Equal(ReferenceEquals(request, other), ModbusResponseView.TryParse(request, response, out _));
            }
        }
    }

    [Fact]
    public void Every_request_can_be_answered_with_an_exception()
    {
        byte[] response = new byte[2];
        foreach ((byte[] request, _) in PduSamples.All)
        {
            ModbusResponse.Exception(request[0], ModbusExceptionCode.ServerDeviceBusy, response);
            Assert.True(ModbusResponseView.TryParse(request, response, out ModbusResponseView view));
            Assert.Equal(ModbusExceptionCode.ServerDeviceBusy, view.Exception);
            Assert.True(view.Data.IsEmpty);
        }
    }

    [Fact]
    public void Requests_are_written_as_in_the_standard()
    {
        byte[] pdu = new byte[ModbusLimits.MaxPduBytes];
        string Of(int length) => Convert.ToHexString(pdu.AsSpan(0, length));

        Assert.Equal("0100130013", Of(ModbusRequest.Read(ModbusFunctionCode.ReadCoils, 19, 19, pdu)));
        Assert.Equal("03006B0003", Of(ModbusRequest.Read(ModbusFunctionCode.ReadHoldingRegisters, 107, 3, pdu)));
        Assert.Equal("0500ACFF00", Of(ModbusRequest.WriteCoil(172, true, pdu)));
        Assert.Equal("0600010003", Of(ModbusRequest.WriteRegister(1, 3, pdu)));
        Assert.Equal("0F0013000A02CD01",
            Of(ModbusRequest.WriteCoils(19, [true, false, true, true, false, false, true, true, true, false], pdu)));
        Assert.Equal("100001000204000A0102", Of(ModbusRequest.WriteRegisters(1, [10, 0x0102], pdu)));
        Assert.Equal("16000400F20025", Of(ModbusRequest.MaskWrite(4, 0xF2, 0x25, pdu)));
        Assert.Equal("1700030006000E00030600FF00FF00FF", Of(ModbusRequest.ReadWrite(3, 6, 14, [0xFF, 0xFF, 0xFF], pdu)));
        Assert.Equal("1804DE", Of(ModbusRequest.ReadFifo(0x04DE, pdu)));
        Assert.Equal("14070600040001" + "0002", Of(ModbusRequest.ReadFile(4, 1, 2, pdu)));
        Assert.Equal("150D0600040007000306AF04BE100D", Of(ModbusRequest.WriteFile(4, 7, [0x06AF, 0x04BE, 0x100D], pdu)));
        Assert.Equal("080000A537", Of(ModbusRequest.Diagnostics(0, 0xA537, pdu)));
        Assert.Equal("2B0E0100", Of(ModbusRequest.ReadDeviceIdentification(1, 0, pdu)));
        Assert.Equal("11", Of(ModbusRequest.Bare(ModbusFunctionCode.ReportServerId, pdu)));
    }

    [Theory]
    [InlineData("0300000000", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("030000007E", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("03FFFF0002", ModbusExceptionCode.IllegalDataAddress)]
    [InlineData("0500000001", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("1000000002030102", ModbusExceptionCode.IllegalDataValue)]
    [InlineData("63", ModbusExceptionCode.IllegalFunction)]
    [InlineData("14070700040001" + "0002", ModbusExceptionCode.IllegalDataAddress)]
    public void An_invalid_request_gets_the_exception_of_the_standard(string pdu, ModbusExceptionCode expected)
    {
        Assert.Equal(expected, ModbusRequestView.TryParse(Convert.FromHexString(pdu), out _));
    }

    [Property(500, 200_000)]
    public void Bits_survive_packing(bool[] bits)
    {
        byte[] packed = new byte[ModbusBits.ByteCount(bits.Length)];
        bool[] back = new bool[bits.Length];
        ModbusBits.Pack(bits, packed);
        ModbusBits.Unpack(packed, back);
        Assert.Equal(bits, back);
    }

    [Property(500, 200_000)]
    public void A_truncated_response_answers_no_request_of_a_table(byte sample, byte cut)
    {
        (byte[] request, byte[] response) = PduSamples.All[sample % 4];
        int length = cut % response.Length;
        Assert.False(ModbusResponseView.TryParse(request, response.AsSpan(0, length), out _));
    }

    [Fact]
    public void The_identification_of_a_device_is_read_as_in_the_standard()
    {
        Dictionary<byte, string> objects = [];
        Assert.True(DeviceIdentification.TryRead(PduSamples.All[^1].Response, objects, out byte? next));
        Assert.Null(next);
        Assert.Equal(["Company identification", "Product code ", "V2.11"], objects.OrderBy(one => one.Key).Select(one => one.Value));
    }
}
