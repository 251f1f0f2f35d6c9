using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Codec;

/// <summary>Numbers in registers: the four orders, all types, and their limits.</summary>
public sealed class RegisterCodecTests
{
    [Theory]
    [InlineData(WordOrder.BigEndian, "12345678")]
    [InlineData(WordOrder.WordSwapped, "56781234")]
    [InlineData(WordOrder.ByteSwapped, "34127856")]
    [InlineData(WordOrder.LittleEndian, "78563412")]
    public void Read_understands_the_four_orders_of_a_32_bit_value(WordOrder order, string words)
    {
        Assert.Equal(0x12345678u, RegisterCodec.Read(PointType.U32, order, Convert.FromHexString(words)).AsUnsigned);
    }

    [Theory]
    [InlineData(WordOrder.BigEndian, "0102030405060708")]
    [InlineData(WordOrder.WordSwapped, "0708050603040102")]
    [InlineData(WordOrder.ByteSwapped, "0201040306050807")]
    [InlineData(WordOrder.LittleEndian, "0807060504030201")]
    public void Read_understands_the_four_orders_of_a_64_bit_value(WordOrder order, string words)
    {
        Assert.Equal(0x0102030405060708ul, RegisterCodec.Read(PointType.U64, order, Convert.FromHexString(words)).AsUnsigned);
    }

    [Fact]
    public void Read_understands_IEEE_754_as_devices_send_it()
    {
        // 123.456 as float32 is 0x42F6E979.
        Assert.Equal(123.456, RegisterCodec.Read(PointType.Real32, WordOrder.WordSwapped, [0xE9, 0x79, 0x42, 0xF6]).Number, 4);
    }

    [Theory]
    [InlineData(PointType.Bcd16, "1234", 1234)]
    [InlineData(PointType.Bcd32, "00060000", 60000)]
    public void Read_understands_BCD(PointType type, string words, long expected)
    {
        Assert.Equal((ulong)expected, RegisterCodec.Read(type, WordOrder.BigEndian, Convert.FromHexString(words)).AsUnsigned);
    }

    [Fact]
    public void Read_marks_registers_without_a_value_as_invalid()
    {
        Assert.Equal(PointValueKind.Invalid, RegisterCodec.Read(PointType.Bcd16, WordOrder.BigEndian, [0x12, 0x3A]).Kind);
        Assert.Equal(PointValueKind.Invalid, RegisterCodec.Read(PointType.Real32, WordOrder.BigEndian, [0x7F, 0xC0, 0, 0]).Kind);
    }

    [Theory]
    [InlineData(PointType.S16, 32768)]
    [InlineData(PointType.S16, -32769)]
    [InlineData(PointType.U16, 65536)]
    [InlineData(PointType.U16, -1)]
    [InlineData(PointType.Bcd16, 10000)]
    [InlineData(PointType.S32, 2147483648)]
    public void TryWrite_refuses_a_number_that_does_not_fit(PointType type, long value)
    {
        Assert.False(RegisterCodec.TryWrite(type, WordOrder.BigEndian, PointValue.Of(value), new byte[8]));
    }

    [Fact]
    public void TryWrite_rounds_a_real_number_for_an_integer_type()
    {
        byte[] words = new byte[2];
        Assert.True(RegisterCodec.TryWrite(PointType.S16, WordOrder.BigEndian, PointValue.Of(-1.5), words));
        Assert.Equal([0xFF, 0xFE], words);
    }

    [Property(300, 100_000)]
    public void Integers_survive_every_type_that_holds_them_in_every_order(long value, WordOrder order)
    {
        byte[] words = new byte[8];
        foreach (PointType type in new[] { PointType.S16, PointType.S32, PointType.S64 })
        {
            long narrow = type switch { PointType.S16 => (short)value, PointType.S32 => (int)value, _ => value };
            Assert.True(RegisterCodec.TryWrite(type, order, PointValue.Of(narrow), words));
            Assert.Equal(narrow, RegisterCodec.Read(type, order, words).AsSigned);
        }

        foreach (PointType type in new[] { PointType.U16, PointType.U32, PointType.U64 })
        {
            ulong narrow = type switch { PointType.U16 => (ushort)value, PointType.U32 => (uint)value, _ => (ulong)value };
            Assert.True(RegisterCodec.TryWrite(type, order, PointValue.Of(narrow), words));
            Assert.Equal(narrow, RegisterCodec.Read(type, order, words).AsUnsigned);
        }
    }

    [Property(300, 100_000)]
    public void Finite_numbers_survive_float_types_in_every_order(float shorter, double number, WordOrder order)
    {
        byte[] words = new byte[8];
        if (float.IsFinite(shorter))
        {
            Assert.True(RegisterCodec.TryWrite(PointType.Real32, order, PointValue.Of((double)shorter), words));
            Assert.Equal(shorter, (float)RegisterCodec.Read(PointType.Real32, order, words).Number);
        }

        if (double.IsFinite(number))
        {
            Assert.True(RegisterCodec.TryWrite(PointType.Real64, order, PointValue.Of(number), words));
            Assert.Equal(number, RegisterCodec.Read(PointType.Real64, order, words).Number);
        }
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        byte[] words = new byte[8];
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            RegisterCodec.TryWrite(PointType.Real64, WordOrder.WordSwapped, PointValue.Of(1.5), words);
            RegisterCodec.Read(PointType.Real64, WordOrder.WordSwapped, words);
        }));
    }
}
