using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>Reads and writes numbers of up to 64 bits in registers as they are on the wire. Allocates nothing.</summary>
public static class RegisterCodec
{
    private const int MaxBytes = 8;

    /// <summary>The number of registers of a type; 0 for <see cref="PointType.Text"/>, which has any number.</summary>
    public static int Registers(PointType type) => type switch
    {
        PointType.Text => 0,
        PointType.S32 or PointType.U32 or PointType.Real32 or PointType.Bcd32 => 2,
        PointType.S64 or PointType.U64 or PointType.Real64 => 4,
        _ => 1,
    };

    /// <summary>Reads a number.</summary>
    /// <param name="type">The type; not a bit and not text.</param>
    /// <param name="order">The order of the bytes.</param>
    /// <param name="words">The registers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type is not a number, or there are too few registers.</exception>
    public static PointValue Read(PointType type, WordOrder order, ReadOnlySpan<byte> words)
    {
        int length = Length(type);
        ArgumentOutOfRangeException.ThrowIfLessThan(words.Length, length, nameof(words));
        Span<byte> value = stackalloc byte[MaxBytes];
        value = value[..length];
        words[..length].CopyTo(value);
        Arrange(value, order);
        return type switch
        {
            PointType.S16 => PointValue.Of((long)BinaryPrimitives.ReadInt16BigEndian(value)),
            PointType.U16 => PointValue.Of((ulong)BinaryPrimitives.ReadUInt16BigEndian(value)),
            PointType.S32 => PointValue.Of((long)BinaryPrimitives.ReadInt32BigEndian(value)),
            PointType.U32 => PointValue.Of((ulong)BinaryPrimitives.ReadUInt32BigEndian(value)),
            PointType.S64 => PointValue.Of(BinaryPrimitives.ReadInt64BigEndian(value)),
            PointType.U64 => PointValue.Of(BinaryPrimitives.ReadUInt64BigEndian(value)),
            PointType.Real32 => Real(BinaryPrimitives.ReadSingleBigEndian(value)),
            PointType.Real64 => Real(BinaryPrimitives.ReadDoubleBigEndian(value)),
            _ => Bcd(value),
        };
    }

    /// <summary>Writes a number.</summary>
    /// <param name="type">The type; not a bit and not text.</param>
    /// <param name="order">The order of the bytes.</param>
    /// <param name="value">The number; a real number for an integer type is rounded.</param>
    /// <param name="words">Receives the registers.</param>
    /// <returns>False if the number does not fit the type.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The type is not a number, or there are too few registers.</exception>
    public static bool TryWrite(PointType type, WordOrder order, PointValue value, Span<byte> words)
    {
        int length = Length(type);
        ArgumentOutOfRangeException.ThrowIfLessThan(words.Length, length, nameof(words));
        words = words[..length];
        bool fits = type switch
        {
            PointType.Real32 => TryFloat32(value, words),
            PointType.Real64 => TryFloat64(value, words),
            PointType.S16 or PointType.S32 or PointType.S64 => TrySigned(value, words),
            PointType.Bcd16 or PointType.Bcd32 => TryBcd(value, words),
            _ => TryUnsigned(value, words),
        };
        Arrange(words, order);
        return fits;
    }

    /// <summary>Brings bytes into another order; each order is its own inverse.</summary>
    private static void Arrange(Span<byte> value, WordOrder order)
    {
        if (order is WordOrder.WordSwapped or WordOrder.LittleEndian)
        {
            value.Reverse();
        }

        // Reversing all bytes also swaps the bytes of each register, so the word order CDAB needs the swap and DCBA does not.
        if (order is WordOrder.WordSwapped or WordOrder.ByteSwapped)
        {
            for (int at = 0; at < value.Length; at += 2)
            {
                (value[at], value[at + 1]) = (value[at + 1], value[at]);
            }
        }
    }

    private static int Length(PointType type) => type is PointType.Bit or PointType.Text
        ? throw new ArgumentOutOfRangeException(nameof(type), type, "The type is not a number in registers.")
        : 2 * Registers(type);

    private static PointValue Real(double value) => double.IsFinite(value) ? PointValue.Of(value) : default;

    private static PointValue Bcd(ReadOnlySpan<byte> value)
    {
        ulong number = 0;
        foreach (byte one in value)
        {
            if (one >> 4 > 9 || (one & 0xF) > 9)
            {
                return default;
            }

            number = (number * 100) + (ulong)(10 * (one >> 4)) + (ulong)(one & 0xF);
        }

        return PointValue.Of(number);
    }

    private static bool TryFloat32(PointValue value, Span<byte> words)
    {
        float number = (float)value.Number;
        BinaryPrimitives.WriteSingleBigEndian(words, number);
        return float.IsFinite(number);
    }

    private static bool TryFloat64(PointValue value, Span<byte> words)
    {
        BinaryPrimitives.WriteDoubleBigEndian(words, value.Number);
        return double.IsFinite(value.Number);
    }

    private static bool TrySigned(PointValue value, Span<byte> words)
    {
        if (!TryWhole(value, out Int128 whole))
        {
            return false;
        }

        int bits = 8 * words.Length;
        WriteBytes((UInt128)whole, words);
        return whole >= -(Int128.One << (bits - 1)) && whole < Int128.One << (bits - 1);
    }

    private static bool TryUnsigned(PointValue value, Span<byte> words)
    {
        if (!TryWhole(value, out Int128 whole))
        {
            return false;
        }

        WriteBytes((UInt128)whole, words);
        return whole >= 0 && whole < Int128.One << (8 * words.Length);
    }

    private static bool TryBcd(PointValue value, Span<byte> words)
    {
        if (!TryWhole(value, out Int128 whole) || whole < 0)
        {
            return false;
        }

        for (int at = words.Length - 1; at >= 0; at--)
        {
            int two = (int)(whole % 100);
            words[at] = (byte)(((two / 10) << 4) | (two % 10));
            whole /= 100;
        }

        return whole == 0;
    }

    private static bool TryWhole(PointValue value, out Int128 whole)
    {
        double number = value.Kind == PointValueKind.Real ? Math.Round(value.Number, MidpointRounding.AwayFromZero) : 0;
        bool isNumber = value.Kind != PointValueKind.Invalid && Math.Abs(number) < 1e20;
        whole = !isNumber ? 0 : value.Kind switch
        {
            PointValueKind.SignedInteger => value.AsSigned,
            PointValueKind.UnsignedInteger => value.AsUnsigned,
            _ => (Int128)number,
        };
        return isNumber;
    }

    private static void WriteBytes(UInt128 bits, Span<byte> words)
    {
        for (int at = words.Length - 1; at >= 0; at--)
        {
            words[at] = (byte)(bits & 0xFF);
            bits >>= 8;
        }
    }
}
