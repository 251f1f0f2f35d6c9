using System.Collections.Frozen;
using System.Text;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The schema of one version of a message or header. Immutable and thread-safe.</summary>
/// <param name="NamespaceUri">Its namespace.</param>
/// <param name="Root">Its root element.</param>
internal sealed record MessageSchema(byte[] NamespaceUri, ElementDeclaration Root)
{
    // Asked for where something is wrong, and seldom twice.
    private readonly Lazy<FrozenSet<string>> _names = new(() => NamesBelow(Root));

    /// <summary>What the namespaces of ISO 20022 begin with.</summary>
    public static ReadOnlySpan<byte> NamespacePrefix => "urn:iso:std:iso:20022:tech:xsd:"u8;

    /// <summary>Name and version, as in <c>pacs.008.001.08</c>; the whole namespace where it is none of ISO 20022.</summary>
    public string Name { get; } = Encoding.UTF8.GetString(NamespaceUri.AsSpan().StartsWith(NamespacePrefix)
        ? NamespaceUri.AsSpan(NamespacePrefix.Length) : NamespaceUri);

    /// <summary>Whether an element or an attribute of the schema has this name, wherever it may stand.</summary>
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
