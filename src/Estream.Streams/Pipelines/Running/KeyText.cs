using System.Globalization;
using Estream.Esf.Expressions;
using Estream.Map;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Keys as text: what an expression makes of a message, a number in decimal digits.</summary>
internal static class KeyText
{
    public static bool TryGet(EsfExpression key, ReadOnlySpan<byte> message, out Utf8Key64 text)
    {
        if (key.Kind == EsfValueKind.Text)
        {
            text = default;
            return key.TryGetBytes(message, out ReadOnlySpan<byte> bytes) && Utf8Key64.TryCreate(bytes, out text);
        }

        Span<byte> digits = stackalloc byte[Utf8Key64.MaxLength];
        text = default;
        return key.TryGetInteger(message, out Int128 number)
            && number.TryFormat(digits, out int written, default, CultureInfo.InvariantCulture)
            && Utf8Key64.TryCreate(digits[..written], out text);
    }

    /// <summary>The key of a message that was found to have one.</summary>
    public static Utf8Key64 Of(EsfExpression key, ReadOnlySpan<byte> message) => TryGet(key, message, out Utf8Key64 text) ? text : default;
}
