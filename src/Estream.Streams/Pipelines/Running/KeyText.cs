using System.Globalization;
using System.Text.Unicode;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Map;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Computes the key of a message as text: the result of an expression, with numbers in decimal digits.</summary>
internal static class KeyText
{
    public static bool TryGet(EsfExpression key, ReadOnlySpan<byte> message, out Utf8Key64 text)
    {
        if (key.Kind == EsfValueKind.Text)
        {
            text = default;
            return key.TryGetBytes(message, out ReadOnlySpan<byte> bytes) && Utf8.IsValid(bytes) && Utf8Key64.TryCreate(bytes, out text);
        }

        Span<byte> digits = stackalloc byte[Utf8Key64.MaxLength];
        text = default;
        return key.TryGetInteger(message, out Int128 number)
            && number.TryFormat(digits, out int written, default, CultureInfo.InvariantCulture)
            && Utf8Key64.TryCreate(digits[..written], out text);
    }

    /// <summary>Returns true if a field of a type can store a key: text within the maximum length, or a number in the range.</summary>
    public static bool Fits(in Utf8Key64 key, EsfType type) => type.Kind == EsfTypeKind.String
        ? key.Span.Length <= (type.MaxLength ?? int.MaxValue)
        : Int128.TryParse(key.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 number) && type.Kind switch
        {
            EsfTypeKind.U8 => number >= byte.MinValue && number <= byte.MaxValue,
            EsfTypeKind.U16 => number >= ushort.MinValue && number <= ushort.MaxValue,
            EsfTypeKind.U32 => number >= uint.MinValue && number <= uint.MaxValue,
            EsfTypeKind.U64 => number >= ulong.MinValue && number <= ulong.MaxValue,
            EsfTypeKind.I8 => number >= sbyte.MinValue && number <= sbyte.MaxValue,
            EsfTypeKind.I16 => number >= short.MinValue && number <= short.MaxValue,
            EsfTypeKind.I32 => number >= int.MinValue && number <= int.MaxValue,
            EsfTypeKind.I64 or EsfTypeKind.Timestamp => number >= long.MinValue && number <= long.MaxValue,
            _ => true,
        };

    /// <summary>Returns the key of a message that is known to have one.</summary>
    public static Utf8Key64 Of(EsfExpression key, ReadOnlySpan<byte> message) => TryGet(key, message, out Utf8Key64 text) ? text : default;
}
