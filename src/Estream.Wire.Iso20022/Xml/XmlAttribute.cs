namespace Estream.Wire.Iso20022.Xml;

/// <summary>An attribute of a start tag: a view, valid until the next token is read.</summary>
internal readonly ref struct XmlAttribute
{
    public XmlAttribute(ReadOnlySpan<byte> namespaceUri, ReadOnlySpan<byte> localName, ReadOnlySpan<byte> raw)
    {
        NamespaceUri = namespaceUri;
        LocalName = localName;
        Raw = raw;
    }

    /// <summary>Its namespace; empty for none, as nearly all are.</summary>
    public ReadOnlySpan<byte> NamespaceUri { get; }

    /// <summary>Its name without the prefix.</summary>
    public ReadOnlySpan<byte> LocalName { get; }

    /// <summary>Its value as it is written: <see cref="XmlText.Decode"/> says what it means.</summary>
    public ReadOnlySpan<byte> Raw { get; }
}
