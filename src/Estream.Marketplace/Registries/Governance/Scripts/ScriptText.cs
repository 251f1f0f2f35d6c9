using System.Globalization;
using System.Text;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>Decodes string literals, and finds those that a browser would run.</summary>
internal static class ScriptText
{
    // The placeholder for every non-ASCII character; non-ASCII characters never affect the result of the checks.
    private const byte Other = (byte)'?';

    private static ReadOnlySpan<byte> ScriptTag => "<script"u8;

    private static readonly byte[][] s_scriptTypes =
    [
        "text/javascript"u8.ToArray(), "application/javascript"u8.ToArray(), "text/ecmascript"u8.ToArray(),
        "application/ecmascript"u8.ToArray(),
        "application/x-javascript"u8.ToArray(), "text/html"u8.ToArray(), "application/xhtml+xml"u8.ToArray(),
    ];

    /// <summary>Decodes escape sequences.</summary>
    /// <param name="written">The literal as written, without quotes.</param>
    /// <param name="room">The buffer for the result, at least as long.</param>
    /// <returns>The decoded text. Escaped non-ASCII characters are replaced by a placeholder.</returns>
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

    /// <summary>Returns why a browser would run the text as an address or as HTML; null if it would not.</summary>
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

    /// <summary>Returns whether two texts are equal, ignoring the case of ASCII letters.</summary>
    public static bool Same(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(text, other);

    // Decodes the escape sequence at the start, which begins with a backslash. An escaped line break gives no character.
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

    // Browsers ignore tabs and line breaks anywhere in an address.
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

    // Finds an attribute on…= in a tag, after a character that may precede an attribute.
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

                // Skip the letters: no attribute starts within them.
                at = end - 1;
            }
        }

        return false;
    }
}
