using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Estream.Core;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>
/// Converts FIX ids (ClOrdID, OrderID, ExecID, CompIDs) to 32 bytes and back, without a table and without loss: up to 31 bytes unchanged,
/// up to 41 letters, digits, - and _ in six bits each (a UUID has 36), and 64 hexadecimal digits as the bytes they encode.
/// </summary>
internal static class FixIdText
{
    /// <summary>The length of every id in bytes.</summary>
    public const int Length = 32;

    /// <summary>The maximum length of a text in bytes.</summary>
    public const int MaxTextLength = 2 * Length;

    private const int MaxPlain = Length - 1;
    private const int MaxPacked = MaxPlain * 8 / BitsPerLetter;
    private const int BitsPerLetter = 6;

    private static ReadOnlySpan<byte> Letters => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;

    /// <summary>Converts a text to 32 bytes.</summary>
    /// <returns>False if the text is empty or does not fit.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, Span<byte> id)
    {
        id[..Length].Clear();
        return text.Length switch
        {
            0 => false,
            <= MaxPlain => TryPlain(text, id),
            <= MaxPacked => TryPack(text, id),
            MaxTextLength => TryHex(text, id),
            _ => false,
        };
    }

    /// <summary>Converts the text of a field of a message like the other overload.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> message, int start, int length, Span<byte> id)
    {
        if ((uint)(length - 1) >= MaxPlain || start - 1 > message.Length - Length)
        {
            return TryRead(message.Slice(start, length), id);
        }

        // The first byte is the equals sign of the field, where the id has its length. The subtraction makes its index the largest.
        Vector256<byte> bytes = SpanValue.Read<Vector256<byte>>(message, start - 1);
        Vector256<byte> isText = Vector256.LessThan(Vector256<byte>.Indices - Vector256<byte>.One, Vector256.Create((byte)length));
        SpanValue.Write(id, 0, (bytes & isText) | Vector256.CreateScalar((byte)length));

        // The shift leaves only the bits up to the end of the text. The equals sign is not a control character.
        return Vector256.LessThan(bytes, Vector256.Create((byte)' ')).ExtractMostSignificantBits() << (MaxPlain - length) == 0;
    }

    /// <summary>Converts 32 bytes to text. Every value has a text, and no two values have the same text.</summary>
    /// <returns>The number of bytes written, at most <see cref="MaxTextLength"/>.</returns>
    public static int Write(ReadOnlySpan<byte> id, Span<byte> text)
    {
        if (TryText(id, text, out int length))
        {
            return length;
        }

        Convert.TryToHexStringLower(id[..Length], text, out int written);
        return written;
    }

    private static bool TryPlain(ReadOnlySpan<byte> text, Span<byte> id)
    {
        id[0] = (byte)text.Length;
        text.CopyTo(id[1..]);
        bool isPlain = true;
        for (int place = 0; place < text.Length; place += sizeof(ulong))
        {
            ReadOnlySpan<byte> rest = text[place..];
            isPlain &= !EightBytes.HasControls(EightBytes.Fraction(EightBytes.Of(rest), Math.Min(rest.Length, sizeof(ulong))));
        }

        return isPlain;
    }

    private static bool TryPack(ReadOnlySpan<byte> text, Span<byte> id)
    {
        id[0] = (byte)text.Length;
        for (int letter = 0; letter < text.Length; letter++)
        {
            int value = Letters.IndexOf(text[letter]);
            if (value < 0)
            {
                return false;
            }

            for (int bit = 0; bit < BitsPerLetter; bit++)
            {
                int place = (letter * BitsPerLetter) + bit;
                id[1 + (place / 8)] |= (byte)(((value >> bit) & 1) << (place % 8));
            }
        }

        return true;
    }

    private static bool TryHex(ReadOnlySpan<byte> text, Span<byte> id)
    {
        Span<byte> again = stackalloc byte[MaxTextLength];
        for (int place = 0; place < Length; place++)
        {
            int high = Digit(text[2 * place]);
            int low = Digit(text[(2 * place) + 1]);
            if ((high | low) < 0)
            {
                return false;
            }

            id[place] = (byte)((high << 4) | low);
        }

        // Refused if the bytes are the encoding of a shorter text, because they would be written back as that text.
        return !TryText(id, again, out _);
    }

    private static int Digit(byte value)
    {
        return value switch
        {
            >= (byte)'0' and <= (byte)'9' => value - '0',
            >= (byte)'a' and <= (byte)'f' => value - 'a' + 10,
            _ => -1,
        };
    }

    /// <summary>Reads the text of up to 41 bytes that a value encodes.</summary>
    private static bool TryText(ReadOnlySpan<byte> id, Span<byte> text, out int length)
    {
        length = id[0];
        if (length is 0 or > MaxPacked)
        {
            return false;
        }

        if (length <= MaxPlain)
        {
            id.Slice(1, length).CopyTo(text);
            return text[..length].IndexOfAnyInRange((byte)0, (byte)(' ' - 1)) < 0 && id[(1 + length)..Length].IndexOfAnyExcept((byte)0) < 0;
        }

        for (int letter = 0; letter < length; letter++)
        {
            int value = 0;
            for (int bit = 0; bit < BitsPerLetter; bit++)
            {
                int place = (letter * BitsPerLetter) + bit;
                value |= ((id[1 + (place / 8)] >> (place % 8)) & 1) << bit;
            }

            text[letter] = Letters[value];
        }

        return HasNoBitsFrom(id, length * BitsPerLetter);
    }

    private static bool HasNoBitsFrom(ReadOnlySpan<byte> id, int first)
    {
        for (int place = first; place < MaxPlain * 8; place++)
        {
            if (((id[1 + (place / 8)] >> (place % 8)) & 1) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
