using System.Text;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>The kinds of content of an element.</summary>
internal enum ContentKind
{
    /// <summary>Text only.</summary>
    Text,

    /// <summary>Elements in a fixed order.</summary>
    Sequence,

    /// <summary>One of several elements.</summary>
    Choice,

    /// <summary>One arbitrary element, whose content is not checked.</summary>
    Any,
}

/// <summary>The type of an element. Immutable and thread-safe once its schema is compiled.</summary>
internal sealed class ContentType(string name)
{
    /// <summary>The maximum number of elements of a type; each has a bit.</summary>
    public const int MaxElements = 64;

    private ElementDeclaration[] _elements = [];

    // The result of NextRequired for each index, and for the index after the last element.
    private int[] _required = [0];

    /// <summary>The name in the schema.</summary>
    public string Name { get; } = name;

    /// <summary>The kind of content.</summary>
    public ContentKind Kind { get; set; }

    /// <summary>The elements, in order or as alternatives.</summary>
    public ElementDeclaration[] Elements
    {
        get => _elements;
        set
        {
            _elements = value;
            _required = RequiredIn(value);
            Starts = Array.ConvertAll(value, element => element.Tag.Start);
        }
    }

    /// <summary>The beginnings of the start tags of the elements, in one array, since most comparisons fail at the first bytes.</summary>
    public TagBytes[] Starts { get; private set; } = [];

    /// <summary>Whether the content consists of elements declared in the schema.</summary>
    public bool HasElements => Kind is ContentKind.Sequence or ContentKind.Choice;

    /// <summary>The type of the text; null if there is none.</summary>
    public SimpleType? Text { get; set; }

    /// <summary>The attributes.</summary>
    public AttributeDeclaration[] Attributes { get; set; } = [];

    /// <summary>The only namespace allowed for the element of <see cref="ContentKind.Any"/>; null for any.</summary>
    public byte[]? AnyNamespace { get; set; }

    /// <summary>Returns the index of the first required element at or after an index; the number of elements if there is none.</summary>
    /// <param name="place">From 0 to the number of elements.</param>
    public int NextRequired(int place) => _required[place];

    public override string ToString() => Name;

    private static int[] RequiredIn(ElementDeclaration[] elements)
    {
        int[] required = new int[elements.Length + 1];
        required[^1] = elements.Length;
        for (int place = elements.Length - 1; place >= 0; place--)
        {
            required[place] = elements[place].Min > 0 ? place : required[place + 1];
        }

        return required;
    }
}

/// <summary>An element at one position of a type.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type.</param>
/// <param name="Min">The minimum number of occurrences.</param>
/// <param name="Max">The maximum number of occurrences.</param>
internal sealed record ElementDeclaration(byte[] Name, ContentType Type, int Min, int Max)
{
    /// <summary>The tags.</summary>
    public XmlTag Tag { get; } = new(Name);

    /// <summary>The type of the text; null if the element has child elements. Copied from the type of the element, like the attributes, to
    /// avoid a cache miss for each element that is read.</summary>
    public SimpleType? Text { get; private set; }

    /// <summary>The attributes.</summary>
    public AttributeDeclaration[] Attributes { get; private set; } = [];

    /// <summary>Copies text and attributes from the type, once the type is compiled.</summary>
    public void Seal()
    {
        Text = Type.Text;
        Attributes = Type.Attributes;
    }

    /// <summary>Whether the element may occur several times, so that paths contain its number.</summary>
    public bool IsRepeatable => Max > 1;

    public override string ToString() => Encoding.UTF8.GetString(Name);
}

/// <summary>An attribute of an element.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type of the value.</param>
/// <param name="IsRequired">Whether the attribute is required.</param>
internal sealed record AttributeDeclaration(byte[] Name, SimpleType Type, bool IsRequired);
