using System.Text;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Checks the XML declaration, <c>&lt;?xml version="1.0" encoding="UTF-8"?&gt;</c>.</summary>
internal static class XmlDeclaration
{
    /// <summary>Checks the text after <c>&lt;?xml</c>.</summary>
    public static Iso20022Reason Check(ReadOnlySpan<byte> text)
    {
        if (!TryTake(ref text, "version"u8, out ReadOnlySpan<byte> version) || !version.SequenceEqual("1.0"u8))
        {
            return Iso20022Reason.MalformedMarkup;
        }

        if (TryTake(ref text, "encoding"u8, out ReadOnlySpan<byte> encoding) && !Ascii.EqualsIgnoreCase(encoding, "utf-8"u8))
        {
            return Iso20022Reason.UnsupportedEncoding;
        }

        bool isGood = !TryTake(ref text, "standalone"u8, out ReadOnlySpan<byte> alone) || alone.SequenceEqual("yes"u8)
            || alone.SequenceEqual("no"u8);
        return isGood && text.TrimStart(XmlText.Blanks).IsEmpty ? Iso20022Reason.None : Iso20022Reason.MalformedMarkup;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        ReadOnlySpan<byte> rest = text.TrimStart(XmlText.Blanks);
        if (rest.Length == text.Length || !rest.StartsWith(name))
        {
            return false;
        }

        rest = rest[name.Length..].TrimStart(XmlText.Blanks);
        if (rest.IsEmpty || rest[0] != (byte)'=')
        {
            return false;
        }

        rest = rest[1..].TrimStart(XmlText.Blanks);
        if (rest.IsEmpty || rest[0] is not ((byte)'"' or (byte)'\''))
        {
            return false;
        }

        int length = rest[1..].IndexOf(rest[0]);
        if (length < 0)
        {
            return false;
        }

        value = rest.Slice(1, length);
        text = rest[(length + 2)..];
        return true;
    }
}
