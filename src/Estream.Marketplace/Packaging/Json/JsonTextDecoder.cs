using System.Buffers;
using System.Text;

namespace Estream.Marketplace.Json;

/// <summary>Decodes one JSON string, starting after its opening quote.</summary>
internal ref struct JsonTextDecoder
{
    // The single-byte characters that need no escape: printable ASCII except the quote and the backslash.
    private static readonly SearchValues<byte> s_plain =
        SearchValues.Create(" !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly StringBuilder _decoded = new();

    public JsonTextDecoder(ReadOnlySpan<byte> text, int at)
    {
        _text = text;
        At = at;
    }

    /// <summary>The position: after the closing quote, or at the fault.</summary>
    public int At { get; private set; }

    public string? Decode(out string? reason)
    {
        reason = null;
        while (At < _text.Length)
        {
            TakePlain();
            int next = At < _text.Length ? _text[At] : -1;
            if (next == '"')
            {
                At++;
                return _decoded.ToString();
            }

            reason = next < 0 ? "the string has no closing quote" : next == '\\' ? DecodeEscape() : next < ' '
                ? "a control character in a string must be escaped"
                : DecodeRune();
            if (reason is not null)
            {
                return null;
            }
        }

        reason = "the string has no closing quote";
        return null;
    }

    private void TakePlain()
    {
        ReadOnlySpan<byte> rest = _text[At..];
        int end = rest.IndexOfAnyExcept(s_plain);
        ReadOnlySpan<byte> plain = end < 0 ? rest : rest[..end];
        _decoded.Append(Encoding.ASCII.GetString(plain));
        At += plain.Length;
    }

    private string? DecodeRune()
    {
        if (Rune.DecodeFromUtf8(_text[At..], out Rune rune, out int used) != OperationStatus.Done)
        {
            return "these bytes are not valid UTF-8";
        }

        return Take(rune, used);
    }

    private string? DecodeEscape()
    {
        int escaped = At + 1 < _text.Length ? _text[At + 1] : -1;
        char? plain = escaped switch
        {
            '"' or '\\' or '/' => (char)escaped,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => null,
        };
        if (plain is { } character)
        {
            return Take(new Rune(character), 2);
        }

        if (escaped != 'u' || Unit(At) is not { } first)
        {
            return "this is not a valid JSON escape";
        }

        if (!char.IsSurrogate(first))
        {
            return Take(new Rune(first), 6);
        }

        return char.IsHighSurrogate(first) && Unit(At + 6) is { } second && char.IsLowSurrogate(second)
            ? Take(new Rune(first, second), 12)
            : "a lone surrogate is not a character";
    }

    /// <summary>Returns the code unit of a \u escape that starts at the position.</summary>
    private readonly char? Unit(int at)
    {
        if (at + 6 > _text.Length || _text[at] != '\\' || _text[at + 1] != 'u')
        {
            return null;
        }

        int unit = 0;
        foreach (byte digit in _text.Slice(at + 2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return null;
            }

            unit = (unit << 4) | (digit <= (byte)'9' ? digit - (byte)'0' : (digit | 0x20) - (byte)'a' + 10);
        }

        return (char)unit;
    }

    private string? Take(Rune rune, int used)
    {
        if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
        {
            return $"U+{rune.Value:X4} is a noncharacter (RFC 7493, section 2.1)";
        }

        _decoded.Append(rune);
        At += used;
        return null;
    }
}
