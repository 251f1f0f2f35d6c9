using System.Text;
using Estream.Core;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>An element of an XML Schema file.</summary>
internal sealed class XsdNode(string name)
{
    private const string SchemaNamespace = "http://www.w3.org/2001/XMLSchema";

    // Schemas are trusted and read once, so the limits are large, but low enough that another file cannot exhaust the memory.
    private static readonly Iso20022Limits s_limits = new() { MaxElements = 100_000, MaxMessageBytes = 16 * 1024 * 1024 };

    /// <summary>The local name.</summary>
    public string Name { get; } = name;

    /// <summary>The attributes by name.</summary>
    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>The child elements, without annotations.</summary>
    public List<XsdNode> Children { get; } = [];

    /// <summary>An attribute; null if it is missing.</summary>
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <summary>Reads a file.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="file">The file name for messages.</param>
    /// <exception cref="EstreamFormatException">The text is not an XML Schema.</exception>
    public static XsdNode Read(ReadOnlySpan<byte> text, string file)
    {
        XmlFeed feed = new(s_limits);
        Tree tree = new();
        XmlReadStatus status = feed.Push(text, isLast: true, tree);
        if (status != XmlReadStatus.End)
        {
            throw new EstreamFormatException(
                $"{file} is not XML Schema: {(feed.Fault.IsFault ? feed.Fault.ToString() : "elements are in another namespace")}.", file);
        }

        return tree.Root!;
    }

    private sealed class Tree : IXmlSink
    {
        private readonly Stack<XsdNode> _open = new();

        public XsdNode? Root { get; private set; }

        public bool Take(scoped in XmlTokenReader token)
        {
            if (token.Kind == XmlTokenKind.End)
            {
                XsdNode closed = _open.Pop();
                if (_open.Count > 0 && closed.Name != "annotation")
                {
                    _open.Peek().Children.Add(closed);
                }

                return true;
            }

            return token.Kind != XmlTokenKind.Start || Open(token);
        }

        private bool Open(scoped in XmlTokenReader token)
        {
            bool isDocumented = _open.Any(open => open.Name == "annotation");
            if (!isDocumented && Encoding.UTF8.GetString(token.NamespaceUri) != SchemaNamespace)
            {
                return false;
            }

            XsdNode node = new(Encoding.UTF8.GetString(token.LocalName));
            for (int index = 0; index < token.AttributeCount; index++)
            {
                XmlAttribute attribute = token.Attribute(index);
                byte[] value = new byte[attribute.Raw.Length];
                node.Attributes[Encoding.UTF8.GetString(attribute.LocalName)] =
                    Encoding.UTF8.GetString(value, 0, XmlText.Decode(attribute.Raw, XmlTextKind.Attribute, value));
            }

            Root ??= node;
            _open.Push(node);
            return true;
        }
    }
}
