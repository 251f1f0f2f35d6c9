using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Text between tags and in attributes: what may stand there, and what it means.</summary>
internal static class XmlText
{
    // The longest reference to a character; there is none with more digits than it needs, but for a few leading zeros.
    private const int MaxReferenceBytes = 16;

    // Bytes that mean themselves wherever they stand. All but a few texts have no others, and are looked at in one pass.
    private static readonly SearchValues<byte> s_plainAttribute = SearchValues.Create(Bytes(0x20, 0x7F, except: "&<]"));

    private static readonly SearchValues<byte> s_plainText =
        SearchValues.Create((byte[])[.. Bytes(0x20, 0x7F, except: "&<]"), (byte)'\t', (byte)'\n']);

    // Control characters that are no Char of XML 1.0 [2].
    private static readonly SearchValues<byte> s_forbidden = SearchValues.Create(Bytes(0x00, 0x1F, except: "\t\r\n"));

    private static readonly SearchValues<byte> s_nameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"u8);

    /// <summary>White space of XML.</summary>
    public static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    // U+FFFE and U+FFFF, which are no characters either.
    private static ReadOnlySpan<byte> ReversedMark => [0xEF, 0xBF, 0xBE];

    private static ReadOnlySpan<byte> LastOfPlane => [0xEF, 0xBF, 0xBF];

    /// <summary>How many bytes, from the first one on, can be of a name.</summary>
    public static int NameLength(ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(s_nameBytes);
        return length < 0 ? text.Length : length;
    }

    /// <summary>Whether bytes that can be of a name are one, without a prefix.</summary>
    public static bool IsLocalName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && (char.IsAsciiLetter((char)name[0]) || name[0] == (byte)'_') && !name.Contains((byte)':');

    /// <summary>Text without the white space around it. Few texts have some.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => !text.IsEmpty && text[0] > (byte)' ' && text[^1] > (byte)' '
        ? text
        : text.Trim(Blanks);

    /// <summary>How many bytes, from the first one on, are white space.</summary>
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

    /// <summary>How many bytes between tags, from the first one on, mean themselves.</summary>
    public static int PlainLength(ReadOnlySpan<byte> text)
    {
        // All of most texts, and the tag behind. As signed numbers bytes beyond ASCII are below all others.
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

    /// <summary>Looks for what may not stand in text.</summary>
    /// <param name="raw">The text as it is written.</param>
    /// <param name="kind">Where it stands.</param>
    /// <param name="isPlain">Whether it means what it says, byte by byte, so that it need not be decoded.</param>
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

    /// <summary>Writes what a text means that <see cref="Check"/> has found good.</summary>
    /// <param name="raw">The text as it is written.</param>
    /// <param name="kind">Where it stands.</param>
    /// <param name="destination">At least as long as the text: what it means is never longer.</param>
    /// <returns>How many bytes were written.</returns>
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

    // One reference, line end or tab; returns its length.
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

            // Beyond the last character it does not matter by how much, and the number must not wrap.
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

/// <summary>Where text stands, which decides what its characters mean.</summary>
internal enum XmlTextKind
{
    /// <summary>Between tags: references stand for characters, and <c>]]&gt;</c> is not allowed.</summary>
    Text,

    /// <summary>In a CDATA section: nothing stands for anything else.</summary>
    CData,

    /// <summary>In an attribute: references stand for characters, and tabs and line ends for spaces.</summary>
    Attribute,
}
