using System.Globalization;
using System.Text;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>What a text in quotes says, and whether it is one that a browser would run.</summary>
internal static class ScriptText
{
    // A character that is not ASCII decides nothing here.
    private const byte Other = (byte)'?';

    private static ReadOnlySpan<byte> ScriptTag => "<script"u8;

    private static readonly byte[][] s_scriptTypes =
    [
        "text/javascript"u8.ToArray(), "application/javascript"u8.ToArray(), "text/ecmascript"u8.ToArray(),
        "application/ecmascript"u8.ToArray(),
        "application/x-javascript"u8.ToArray(), "text/html"u8.ToArray(), "application/xhtml+xml"u8.ToArray(),
    ];

    /// <summary>Takes escapes away.</summary>
    /// <param name="written">The text as it is written.</param>
    /// <param name="room">Where to, at least as long.</param>
    /// <returns>The text; what is not ASCII may be another character.</returns>
    public static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> written, Span<byte> room)
    {
        int length = 0;
        while (written.IndexOf((byte)'\\') is >= 0 and int plain)
        {
            written[..plain].CopyTo(room[length..]);
            length += plain;
            written = written[plain..];
            int taken = DecodeOne(written, out byte? meant);
            if (meant is byte value)
            {
                room[length++] = value;
            }

            written = written[taken..];
        }

        written.CopyTo(room[length..]);
        return room[..(length + written.Length)];
    }

    /// <summary>Why a browser would run the text where it is used as an address or as HTML; null where it would not.</summary>
    public static string? RunsAs(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> address = text.TrimStart(" \t\r\n\f\v\0"u8);
        if (BeginsWith(address, "javascript:"u8))
        {
            return "a javascript: address";
        }

        if (BeginsWith(address, "data:"u8) && IsScriptType(address[(address.IndexOf((byte)':') + 1)..]))
        {
            return "a data: address of a script or a page";
        }

        return HasScriptTag(text) ? "an inline script" : HasHandler(text) ? "an inline event handler" : null;
    }

    /// <summary>Whether two texts are the same but for the case of ASCII letters.</summary>
    public static bool Same(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(text, other);

    // What stands behind a backslash, from the backslash on. No character for the end of a line.
    private static int DecodeOne(ReadOnlySpan<byte> escape, out byte? meant)
    {
        meant = null;
        if (escape.Length < 2)
        {
            return escape.Length;
        }

        (int start, int digits) = escape[1] switch
        {
            (byte)'x' => (2, 2),
            (byte)'u' when escape.Length > 2 && escape[2] == '{' => (3, Math.Max(escape[3..].IndexOf((byte)'}'), 0)),
            (byte)'u' => (2, 4),
            _ => (2, 0),
        };
        if (digits is > 0 and <= 8 && escape.Length >= start + digits
            && uint.TryParse(escape.Slice(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
        {
            meant = value < 0x80 ? (byte)value : Other;
            return start + digits + (start == 3 ? 1 : 0);
        }

        meant = escape[1] switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'v' => (byte)'\v',
            (byte)'f' => (byte)'\f',
            (byte)'b' => (byte)'\b',
            (byte)'0' => 0,
            (byte)'\n' or (byte)'\r' => null,
            byte self => self,
        };
        return escape[1] == '\r' && escape.Length > 2 && escape[2] == '\n' ? 3 : 2;
    }

    // Browsers leave out tabs and ends of lines wherever they stand in an address.
    private static bool BeginsWith(ReadOnlySpan<byte> address, ReadOnlySpan<byte> scheme)
    {
        foreach (byte next in address)
        {
            if (next is (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                continue;
            }

            if ((next | 0x20) != (scheme[0] | 0x20))
            {
                return false;
            }

            scheme = scheme[1..];
            if (scheme.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsScriptType(ReadOnlySpan<byte> behindScheme)
    {
        ReadOnlySpan<byte> type = behindScheme.Trim(" \t"u8);
        foreach (byte[] script in s_scriptTypes)
        {
            if (type.Length >= script.Length && Ascii.EqualsIgnoreCase(type[..script.Length], script))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasScriptTag(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'<') is >= 0 and int at)
        {
            text = text[at..];
            if (text.Length >= ScriptTag.Length && Ascii.EqualsIgnoreCase(text[..ScriptTag.Length], ScriptTag))
            {
                return true;
            }

            text = text[1..];
        }

        return false;
    }

    // Behind the beginning of a tag: on…= behind what may stand before an attribute.
    private static bool HasHandler(ReadOnlySpan<byte> text)
    {
        bool isInTag = false;
        for (int at = 0; at + 2 < text.Length; at++)
        {
            isInTag |= text[at] == '<' && char.IsAsciiLetter((char)text[at + 1]);
            if (isInTag && text[at] is (byte)' ' or (byte)'/' or (byte)'"' or (byte)'\'' or (byte)'\n' or (byte)'\t'
                && (text[at + 1] | 0x20) == 'o' && (text[at + 2] | 0x20) == 'n')
            {
                int end = at + 3;
                while (end < text.Length && char.IsAsciiLetter((char)text[end]))
                {
                    end++;
                }

                if (isInTag && end > at + 4 && end < text.Length && text[end] == '=')
                {
                    return true;
                }

                // What was letters begins no other one.
                at = end - 1;
            }
        }

        return false;
    }
}
