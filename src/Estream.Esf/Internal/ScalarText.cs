using System.Buffers.Text;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>The text form of values, used in topic levels, path segments and JSON map keys.</summary>
internal static class ScalarText
{
    /// <summary>The maximum length of an integer in decimal, including the sign.</summary>
    private const int MaxIntegerDigits = 20;

    /// <summary>Parses the text form of a value of fixed size into its slot.</summary>
    public static EsfError TryParse(ValuePlan type, ReadOnlySpan<byte> text, Span<byte> slot)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Bool:
                bool isTrue = text.SequenceEqual("true"u8);
                slot[0] = isTrue ? (byte)1 : (byte)0;
                return isTrue || text.SequenceEqual("false"u8) ? EsfError.None : EsfError.WrongType;
            case EsfTypeKind.Enum:
                int ordinal = type.EnumNames!.IndexOf(text);
                ScalarBits.WriteLowBytes((ulong)Math.Max(ordinal, 0), slot);
                return ordinal < 0 ? EsfError.UnknownEnumValue : EsfError.None;
            case EsfTypeKind.Bytes32:
                return text.Length != slot.Length * 2 ? EsfError.WrongLength
                    : HexText.TryDecode(text, slot) ? EsfError.None : EsfError.InvalidHex;
            default:
                return ParseInteger(type.Kind, text, slot);
        }
    }

    /// <summary>Parses a decimal integer with an optional minus sign.</summary>
    public static EsfError ParseInteger(EsfTypeKind kind, ReadOnlySpan<byte> text, Span<byte> slot)
    {
        bool isNegative = !text.IsEmpty && text[0] == (byte)'-';
        ReadOnlySpan<byte> digits = isNegative ? text[1..] : text;
        if (digits.IsEmpty)
        {
            return EsfError.WrongType;
        }

        ulong value = 0;
        foreach (byte b in digits)
        {
            uint digit = (uint)(b - '0');
            if (digit > 9)
            {
                return EsfError.WrongType;
            }

            if (value > (ulong.MaxValue - digit) / 10)
            {
                return EsfError.OutOfRange;
            }

            value = (value * 10) + digit;
        }

        return ScalarBits.TryWriteInteger(kind, isNegative, value, slot) ? EsfError.None : EsfError.OutOfRange;
    }

    /// <summary>
    /// Writes the text form of a value; returns false if it does not fit. An enum value that only a later version of the schema defines
    /// is written as its ordinal, which cannot be mistaken for a name.
    /// </summary>
    public static bool TryFormat(ValuePlan type, ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        written = 0;
        switch (type.Kind)
        {
            case EsfTypeKind.String:
                written = raw.TryCopyTo(destination) ? raw.Length : 0;
                return written == raw.Length;
            case EsfTypeKind.Bytes32:
                written = destination.Length >= raw.Length * 2 ? raw.Length * 2 : 0;
                HexText.Encode(raw[..(written / 2)], destination);
                return written != 0;
            case EsfTypeKind.U64:
                return Utf8Formatter.TryFormat(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(raw), destination,
                    out written);
        }

        if (!ScalarBits.TryReadInteger(type.Kind, raw, out long value))
        {
            return false;
        }

        return type.Kind switch
        {
            EsfTypeKind.Enum when type.HasName(raw) => TryCopyName(type.EnumNames!, (int)value, destination, out written),
            EsfTypeKind.Bool => Utf8Formatter.TryFormat(value != 0, destination, out written, new System.Buffers.StandardFormat('l')),
            _ => Utf8Formatter.TryFormat(value, destination, out written),
        };
    }

    /// <summary>The maximum length of the text form of a value of fixed size other than an enum.</summary>
    public static int MaxTextBytes(ValuePlan type) => type.Kind == EsfTypeKind.Bytes32 ? 64 : MaxIntegerDigits;

    private static bool TryCopyName(Utf8NameTable names, int ordinal, Span<byte> destination, out int written)
    {
        bool fits = names[ordinal].TryCopyTo(destination);
        written = fits ? names[ordinal].Length : 0;
        return fits;
    }
}
