using System.Collections.Frozen;
using System.Text;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The schema of one version of a message or header. Immutable and thread-safe.</summary>
/// <param name="NamespaceUri">The namespace.</param>
/// <param name="Root">The root element.</param>
/// <param name="IsPartial">Whether the schema lacks elements of the version. Elements that it lacks are skipped without a finding.</param>
internal sealed record MessageSchema(byte[] NamespaceUri, ElementDeclaration Root, bool IsPartial)
{
    // Created on first use, because the names are only needed for findings.
    private readonly Lazy<FrozenSet<string>> _names = new(() => NamesBelow(Root));

    /// <summary>The prefix of the ISO 20022 namespaces.</summary>
    public static ReadOnlySpan<byte> NamespacePrefix => "urn:iso:std:iso:20022:tech:xsd:"u8;

    /// <summary>The name and version, such as <c>pacs.008.001.08</c>; the complete namespace if it is not an ISO 20022 namespace.</summary>
    public string Name { get; } = Encoding.UTF8.GetString(NamespaceUri.AsSpan().StartsWith(NamespacePrefix)
        ? NamespaceUri.AsSpan(NamespacePrefix.Length) : NamespaceUri);

    /// <summary>Whether any element or attribute of the schema has this name.</summary>
    public bool Knows(ReadOnlySpan<byte> name) => _names.Value.Contains(Encoding.UTF8.GetString(name));

    private static FrozenSet<string> NamesBelow(ElementDeclaration root)
    {
        HashSet<string> names = [];
        HashSet<ContentType> seen = [];
        Stack<ElementDeclaration> open = new([root]);
        while (open.TryPop(out ElementDeclaration? element))
        {
            names.Add(element.ToString());
            if (seen.Add(element.Type))
            {
                names.UnionWith(element.Type.Attributes.Select(attribute => Encoding.UTF8.GetString(attribute.Name)));
                Array.ForEach(element.Type.Elements, open.Push);
            }
        }

        return names.ToFrozenSet(StringComparer.Ordinal);
    }
}
