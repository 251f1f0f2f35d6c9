namespace Estream.Wire.Iso20022.Xml;

/// <summary>The tags of an element as nearly everybody writes them, without prefix, attributes and white space: bytes to compare with those
/// that come. Immutable.</summary>
internal sealed class XmlTag
{
    // With these no tag is longer than the shortest limit of a token.
    private const int MaxNameBytes = 128;

    private readonly TagBytes _start;
    private readonly TagBytes _end;

    public XmlTag(ReadOnlySpan<byte> name)
    {
        // A name that no document can have is never found.
        bool isName = name.Length <= MaxNameBytes && XmlText.IsLocalName(name) && XmlText.NameLength(name) == name.Length;
        _start = new TagBytes([(byte)'<', .. name], isName);
        _end = new TagBytes([(byte)'<', (byte)'/', .. name, (byte)'>'], isName);
    }

    /// <summary>The start tag, up to the end of the name.</summary>
    public ref readonly TagBytes Start => ref _start;

    /// <summary>The end tag.</summary>
    public ref readonly TagBytes End => ref _end;

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name => _start.All[1..];
}
