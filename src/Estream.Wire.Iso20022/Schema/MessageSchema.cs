using System.Text;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The schema of one version of a message or header. Immutable and thread-safe.</summary>
/// <param name="NamespaceUri">Its namespace.</param>
/// <param name="Root">Its root element.</param>
internal sealed record MessageSchema(byte[] NamespaceUri, ElementDeclaration Root)
{
    /// <summary>What the namespaces of ISO 20022 begin with.</summary>
    public static ReadOnlySpan<byte> NamespacePrefix => "urn:iso:std:iso:20022:tech:xsd:"u8;

    /// <summary>Name and version, as in <c>pacs.008.001.08</c>; the whole namespace where it is none of ISO 20022.</summary>
    public string Name { get; } = Encoding.UTF8.GetString(NamespaceUri.AsSpan().StartsWith(NamespacePrefix) ? NamespaceUri.AsSpan(NamespacePrefix.Length) : NamespaceUri);
}
