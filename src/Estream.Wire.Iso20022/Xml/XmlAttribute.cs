namespace Estream.Wire.Iso20022.Xml;

/// <summary>An attribute of a start tag. Its spans are valid until the next token is read.</summary>
internal readonly ref struct XmlAttribute
{
    public XmlAttribute(ReadOnlySpan<byte> namespaceUri, ReadOnlySpan<byte> localName, ReadOnlySpan<byte> raw)
    {
        NamespaceUri = namespaceUri;
        LocalName = localName;
        Raw = raw;
    }

    /// <summary>The namespace; empty for none, which is the usual case.</summary>
    public ReadOnlySpan<byte> NamespaceUri { get; }

    /// <summary>The local name.</summary>
    public ReadOnlySpan<byte> LocalName { get; }

    /// <summary>The value as written; decode it with <see cref="XmlText.Decode"/>.</summary>
    public ReadOnlySpan<byte> Raw { get; }
}
