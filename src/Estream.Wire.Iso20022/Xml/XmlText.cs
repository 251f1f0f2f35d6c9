using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Checks and decodes text between tags and in attributes.</summary>
internal static class XmlText
{
    // The maximum length of a character reference; allows a few leading zeros.
    private const int MaxReferenceBytes = 16;

    // Bytes that need no decoding. Nearly all texts consist of them and are checked in one pass.
    private static readonly SearchValues<byte> s_plainAttribute = SearchValues.Create(Bytes(0x20, 0x7F, except: "&<]"));

    private static readonly SearchValues<byte> s_plainText =
        SearchValues.Create((byte[])[.. Bytes(0x20, 0x7F, except: "&<]"), (byte)'\t', (byte)'\n']);

    // Control characters that are not a Char of XML 1.0 [2].
    private static readonly SearchValues<byte> s_forbidden = SearchValues.Create(Bytes(0x00, 0x1F, except: "\t\r\n"));

    private static readonly SearchValues<byte> s_nameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"u8);

    /// <summary>The white space of XML.</summary>
    public static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    // U+FFFE and U+FFFF, which are not characters either.
    private static ReadOnlySpan<byte> ReversedMark => [0xEF, 0xBF, 0xBE];

    private static ReadOnlySpan<byte> LastOfPlane => [0xEF, 0xBF, 0xBF];

    /// <summary>Returns the number of leading bytes that may be part of a name.</summary>
    public static int NameLength(ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(s_nameBytes);
        return length < 0 ? text.Length : length;
    }

    /// <summary>Whether name bytes are a valid local name.</summary>
    public static bool IsLocalName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && (char.IsAsciiLetter((char)name[0]) || name[0] == (byte)'_') && !name.Contains((byte)':');

    /// <summary>Trims white space. The fast path is text without surrounding white space.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => !text.IsEmpty && text[0] > (byte)' ' && text[^1] > (byte)' '
        ? text
        : text.Trim(Blanks);

    /// <summary>Returns the number of leading white space bytes.</summary>
    public static int BlankLength(ReadOnlySpan<byte> text)
    {
        int first = 0;
        if (text.Length >= Vector256<byte>.Count)
        {
            Vector256<byte> piece = Vector256.Create(text);
            Vector256<byte> blanks = Vector256.Equals(piece, Vector256.Create((byte)' '))
                | Vector256.Equals(piece, Vector256.Create((byte)'\n'))
                | Vector256.Equals(piece, Vector256.Create((byte)'\r')) | Vector256.Equals(piece, Vector256.Create((byte)'\t'));
            uint others = ~blanks.ExtractMostSignificantBits();
            if (others != 0)
            {
                return BitOperations.TrailingZeroCount(others);
            }

            first = Vector256<byte>.Count;
        }

        int length = text[first..].IndexOfAnyExcept(Blanks);
        return length < 0 ? text.Length : first + length;
    }

    /// <summary>Returns the number of leading bytes of text content that need no decoding.</summary>
    public static int PlainLength(ReadOnlySpan<byte> text)
    {
        // Usually finds the tag that follows the text. As signed numbers, non-ASCII bytes are less than all others.
        int at = 0;
        for (; text.Length - at >= Vector256<byte>.Count; at += Vector256<byte>.Count)
        {
            Vector256<byte> piece = Vector256.Create(text[at..]);
            Vector256<byte> others = Vector256.Equals(piece, Vector256.Create((byte)'<'))
                | Vector256.Equals(piece, Vector256.Create((byte)'&'))
                | Vector256.Equals(piece, Vector256.Create((byte)']')) | Vector256.LessThan(piece.AsSByte(), Vector256.Create((sbyte)' '))
                    .AsByte();
            uint found = others.ExtractMostSignificantBits();
            if (found != 0)
            {
                int length = at + BitOperations.TrailingZeroCount(found);
                return text[length] is (byte)'\t' or (byte)'\n' ? length + PlainRest(text[length..]) : length;
            }
        }

        return at + PlainRest(text[at..]);
    }

    private static int PlainRest(ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(s_plainText);
        return length < 0 ? text.Length : length;
    }

    /// <summary>Checks that text is valid.</summary>
    /// <param name="raw">The text as written.</param>
    /// <param name="kind">The context of the text.</param>
    /// <param name="isPlain">Whether the text needs no decoding.</param>
    public static Iso20022Reason Check(ReadOnlySpan<byte> raw, XmlTextKind kind, out bool isPlain)
    {
        int special = raw.IndexOfAnyExcept(kind == XmlTextKind.Attribute ? s_plainAttribute : s_plainText);
        isPlain = special < 0;
        if (isPlain)
        {
            return Iso20022Reason.None;
        }

        ReadOnlySpan<byte> rest = raw[special..];
        if (rest.ContainsAny(s_forbidden))
        {
            return Iso20022Reason.InvalidCharacter;
        }

        if (!Ascii.IsValid(rest))
        {
            if (!Utf8.IsValid(rest))
            {
                return Iso20022Reason.InvalidUtf8;
            }

            if (rest.IndexOf(ReversedMark) >= 0 || rest.IndexOf(LastOfPlane) >= 0)
            {
                return Iso20022Reason.InvalidCharacter;
            }
        }

        if (kind == XmlTextKind.Text && rest.IndexOf("]]>"u8) >= 0)
        {
            return Iso20022Reason.MalformedMarkup;
        }

        return kind == XmlTextKind.CData || HasKnownReferences(rest) ? Iso20022Reason.None : Iso20022Reason.UnknownEntity;
    }

    /// <summary>Decodes text that <see cref="Check"/> has accepted.</summary>
    /// <param name="raw">The text as written.</param>
    /// <param name="kind">The context of the text.</param>
    /// <param name="destination">At least as long as the text; decoded text is never longer.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Decode(ReadOnlySpan<byte> raw, XmlTextKind kind, Span<byte> destination)
    {
        int written = 0;
        while (!raw.IsEmpty)
        {
            int special = kind switch
            {
                XmlTextKind.Text => raw.IndexOfAny((byte)'&', (byte)'\r'),
                XmlTextKind.CData => raw.IndexOf((byte)'\r'),
                _ => raw.IndexOfAny("&\r\n\t"u8),
            };
            int plain = special < 0 ? raw.Length : special;
            raw[..plain].CopyTo(destination[written..]);
            written += plain;
            raw = raw[plain..];
            if (!raw.IsEmpty)
            {
                raw = raw[DecodeOne(raw, kind, destination, ref written)..];
            }
        }

        return written;
    }

    // Decodes one reference, line end or tab; returns its length.
    private static int DecodeOne(ReadOnlySpan<byte> raw, XmlTextKind kind, Span<byte> destination, ref int written)
    {
        if (raw[0] == (byte)'&')
        {
            TryReadReference(raw, out Rune character, out int length);
            written += character.EncodeToUtf8(destination[written..]);
            return length;
        }

        destination[written++] = kind == XmlTextKind.Attribute ? (byte)' ' : (byte)'\n';
        return raw.StartsWith("\r\n"u8) ? 2 : 1;
    }

    private static bool HasKnownReferences(ReadOnlySpan<byte> text)
    {
        int at;
        while ((at = text.IndexOf((byte)'&')) >= 0)
        {
            text = text[at..];
            if (!TryReadReference(text, out _, out int length))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private static bool TryReadReference(ReadOnlySpan<byte> text, out Rune character, out int length)
    {
        character = default;
        length = 1 + text[..Math.Min(text.Length, MaxReferenceBytes)].IndexOf((byte)';');
        if (length == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> name = text[1..(length - 1)];
        if (name.Length > 1 && name[0] == (byte)'#')
        {
            return TryReadNumber(name[1..], out character);
        }

        char known = name.SequenceEqual("amp"u8) ? '&'
            : name.SequenceEqual("lt"u8) ? '<'
            : name.SequenceEqual("gt"u8) ? '>'
            : name.SequenceEqual("quot"u8) ? '"'
            : name.SequenceEqual("apos"u8) ? '\'' : '\0';
        character = new Rune(known);
        return known != '\0';
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> digits, out Rune character)
    {
        character = default;
        bool isHex = digits[0] == (byte)'x';
        digits = isHex ? digits[1..] : digits;
        uint value = 0;
        foreach (byte digit in digits)
        {
            if (!(isHex ? char.IsAsciiHexDigit((char)digit) : char.IsAsciiDigit((char)digit)))
            {
                return false;
            }

            // Saturates above the last character, so that the number does not overflow.
            uint next = (value * (isHex ? 16u : 10u)) + DigitValue(digit);
            value = value > 0x10FFFF ? value : next;
        }

        bool isControl = value < 0x20 && value is not (0x09 or 0x0A or 0x0D);
        return !digits.IsEmpty && !isControl && value is not (0xFFFE or 0xFFFF) && Rune.TryCreate(value, out character);
    }

    private static uint DigitValue(byte digit) => digit <= (byte)'9' ? digit - (uint)'0' : (digit | 0x20u) - 'a' + 10;

    private static byte[] Bytes(int first, int last, string except) =>
        [.. Enumerable.Range(first, last - first + 1).Where(value => !except.Contains((char)value, StringComparison.Ordinal))
            .Select(value => (byte)value)];
}

/// <summary>The context of text, which determines how it is decoded.</summary>
internal enum XmlTextKind
{
    /// <summary>Between tags: references are decoded, and <c>]]&gt;</c> is not allowed.</summary>
    Text,

    /// <summary>In a CDATA section: no references are decoded.</summary>
    CData,

    /// <summary>In an attribute: references are decoded, and tabs and line ends become spaces.</summary>
    Attribute,
}
