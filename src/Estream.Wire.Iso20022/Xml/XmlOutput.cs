using System.Buffers;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Writes elements as UTF-8 XML on one line. Names come from schemas. Values are escaped, or rejected if XML cannot represent
/// them.</summary>
/// <remarks>The buffer contains the values as plaintext until it is cleared.</remarks>
internal sealed class XmlOutput
{
    private static readonly SearchValues<byte> s_escaped = SearchValues.Create("&<>\"\t\n\r"u8);

    private readonly IBufferWriter<byte> _buffer;
    private bool _isTagOpen;

    public XmlOutput(IBufferWriter<byte> buffer)
    {
        _buffer = buffer;
    }

    /// <summary>Writes the XML declaration.</summary>
    public void Declare() => _buffer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"u8);

    /// <summary>Writes a start tag. Attributes follow, then the content.</summary>
    public void Begin(ReadOnlySpan<byte> name)
    {
        CloseTag();
        _buffer.Write("<"u8);
        _buffer.Write(name);
        _isTagOpen = true;
    }

    /// <summary>Writes an attribute of the element just begun.</summary>
    /// <returns>False if XML cannot represent the value; nothing was written then.</returns>
    public bool TryAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!IsPossible(value))
        {
            return false;
        }

        _buffer.Write(" "u8);
        _buffer.Write(name);
        _buffer.Write("=\""u8);
        Escape(value);
        _buffer.Write("\""u8);
        return true;
    }

    /// <summary>Writes text into the open element.</summary>
    /// <returns>False if XML cannot represent the text; nothing was written then.</returns>
    public bool TryText(ReadOnlySpan<byte> text)
    {
        if (!IsPossible(text))
        {
            return false;
        }

        CloseTag();
        Escape(text);
        return true;
    }

    /// <summary>Ends the open element.</summary>
    /// <param name="name">The name of the element.</param>
    public void End(ReadOnlySpan<byte> name)
    {
        if (_isTagOpen)
        {
            _buffer.Write("/>"u8);
            _isTagOpen = false;
            return;
        }

        _buffer.Write("</"u8);
        _buffer.Write(name);
        _buffer.Write(">"u8);
    }

    // Checks the text as CDATA, in which only characters that XML excludes are invalid.
    private static bool IsPossible(ReadOnlySpan<byte> text) => XmlText.Check(text, XmlTextKind.CData, out _) == Iso20022Reason.None;

    private void CloseTag()
    {
        if (_isTagOpen)
        {
            _buffer.Write(">"u8);
            _isTagOpen = false;
        }
    }

    private void Escape(ReadOnlySpan<byte> text)
    {
        int special;
        while ((special = text.IndexOfAny(s_escaped)) >= 0)
        {
            _buffer.Write(text[..special]);
            _buffer.Write(text[special] switch
            {
                (byte)'&' => "&amp;"u8,
                (byte)'<' => "&lt;"u8,
                (byte)'>' => "&gt;"u8,
                (byte)'"' => "&quot;"u8,
                (byte)'\t' => "&#9;"u8,
                (byte)'\n' => "&#10;"u8,
                _ => "&#13;"u8,
            });
            text = text[(special + 1)..];
        }

        _buffer.Write(text);
    }
}
