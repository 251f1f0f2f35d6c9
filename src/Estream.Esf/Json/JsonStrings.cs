using System.Text;
using System.Text.Unicode;
using Estream.Esf.Internal;

namespace Estream.Esf.Json;

/// <summary>Copies the content of JSON strings and replaces escapes.</summary>
internal static class JsonStrings
{
    /// <summary>Copies the content of a string, replacing escapes, and checks that the result is UTF-8.</summary>
    public static EsfError TryCopy(ReadOnlySpan<byte> raw, bool hasEscapes, Span<byte> destination, out int written)
    {
        written = 0;
        if (hasEscapes)
        {
            EsfError error = Unescape(raw, destination, out written);
            return error != EsfError.None || Utf8.IsValid(destination[..written]) ? error : EsfError.InvalidUtf8;
        }

        // Copies names and ids of typical length in one pass.
        int copied = Utf8Copy.Copy(raw, destination);
        if (copied != Utf8Copy.Refused)
        {
            written = copied;
            return EsfError.None;
        }

        return raw.Length > destination.Length ? EsfError.DestinationTooSmall : EsfError.InvalidUtf8;
    }

    private static EsfError Unescape(ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        written = 0;
        while (!raw.IsEmpty)
        {
            int slash = raw.IndexOf((byte)'\\');
            ReadOnlySpan<byte> plain = slash < 0 ? raw : raw[..slash];
            if (!plain.TryCopyTo(destination[written..]))
            {
                return EsfError.DestinationTooSmall;
            }

            written += plain.Length;
            if (slash < 0)
            {
                return EsfError.None;
            }

            EsfError error = ReplaceEscape(raw[slash..], destination[written..], out int consumed, out int replaced);
            if (error != EsfError.None)
            {
                return error;
            }

            raw = raw[(slash + consumed)..];
            written += replaced;
        }

        return EsfError.None;
    }

    private static EsfError ReplaceEscape(ReadOnlySpan<byte> raw, Span<byte> destination, out int consumed, out int written)
    {
        consumed = 2;
        written = 1;
        if (raw.Length < 2)
        {
            return EsfError.MalformedJson;
        }

        if (raw[1] == (byte)'u')
        {
            return ReplaceCodePoint(raw, destination, out consumed, out written);
        }

        int plain = raw[1] switch
        {
            (byte)'"' or (byte)'\\' or (byte)'/' => raw[1],
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            _ => -1,
        };
        if (plain < 0)
        {
            return EsfError.MalformedJson;
        }

        if (destination.IsEmpty)
        {
            return EsfError.DestinationTooSmall;
        }

        destination[0] = (byte)plain;
        return EsfError.None;
    }

    /// <summary>Replaces an escape <c>\uXXXX</c>, or two escapes that form a surrogate pair. Half of a pair is not a character.</summary>
    private static EsfError ReplaceCodePoint(ReadOnlySpan<byte> raw, Span<byte> destination, out int consumed, out int written)
    {
        consumed = 6;
        written = 0;
        if (!TryReadUnit(raw, out int unit))
        {
            return EsfError.MalformedJson;
        }

        Rune rune;
        if (char.IsHighSurrogate((char)unit) && TryReadUnit(raw[6..], out int low))
        {
            consumed = 12;
            if (!Rune.TryCreate((char)unit, (char)low, out rune))
            {
                return EsfError.InvalidUtf8;
            }
        }
        else if (!Rune.TryCreate((char)unit, out rune))
        {
            return EsfError.InvalidUtf8;
        }

        return rune.TryEncodeToUtf8(destination, out written) ? EsfError.None : EsfError.DestinationTooSmall;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> raw, out int unit)
    {
        unit = 0;
        if (raw.Length < 6 || raw[0] != (byte)'\\' || raw[1] != (byte)'u')
        {
            return false;
        }

        foreach (byte b in raw[2..6])
        {
            int digit = HexText.Digit(b);
            if (digit < 0)
            {
                return false;
            }

            unit = (unit << 4) | digit;
        }

        return true;
    }
}
