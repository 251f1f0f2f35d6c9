using System.Text;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Schema;

/// <summary>How the content of an element is put together.</summary>
internal enum ContentKind
{
    /// <summary>Text alone.</summary>
    Text,

    /// <summary>Elements in their order.</summary>
    Sequence,

    /// <summary>One of several elements.</summary>
    Choice,

    /// <summary>One element of anybody's making. What is in it is not looked at.</summary>
    Any,
}

/// <summary>The type of an element. Immutable once its schema is compiled, and thread-safe.</summary>
internal sealed class ContentType(string name)
{
    /// <summary>Elements of one type that are told apart by a bit each.</summary>
    public const int MaxElements = 64;

    private ElementDeclaration[] _elements = [];

    // For each place, and behind the last one.
    private int[] _required = [0];

    /// <summary>Its name in the schema.</summary>
    public string Name { get; } = name;

    /// <summary>How the content is put together.</summary>
    public ContentKind Kind { get; set; }

    /// <summary>The elements, in their order or to choose from.</summary>
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

    /// <summary>What the start tags of the elements begin with, side by side: most of them are looked at, and not found.</summary>
    public TagBytes[] Starts { get; private set; } = [];

    /// <summary>Whether the content is elements that the schema names.</summary>
    public bool HasElements => Kind is ContentKind.Sequence or ContentKind.Choice;

    /// <summary>What the text may be; null where there is none.</summary>
    public SimpleType? Text { get; set; }

    /// <summary>The attributes.</summary>
    public AttributeDeclaration[] Attributes { get; set; } = [];

    /// <summary>The only namespace that the element of <see cref="ContentKind.Any"/> may be of; null for any.</summary>
    public byte[]? AnyNamespace { get; set; }

    /// <summary>The place of the first element, from one on, that may not be missing; the number of elements where there is none.</summary>
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

/// <summary>An element where it may stand.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Min">How often it stands there at least.</param>
/// <param name="Max">How often at most.</param>
internal sealed record ElementDeclaration(byte[] Name, ContentType Type, int Min, int Max)
{
    /// <summary>Its tags.</summary>
    public XmlTag Tag { get; } = new(Name);

    /// <summary>What its text may be; null where it has elements. Of its type, as are the attributes: each element that comes is asked for
    /// both, and the type of each lies elsewhere.</summary>
    public SimpleType? Text { get; private set; }

    /// <summary>Its attributes.</summary>
    public AttributeDeclaration[] Attributes { get; private set; } = [];

    /// <summary>Takes over what its type is, once that is compiled.</summary>
    public void Seal()
    {
        Text = Type.Text;
        Attributes = Type.Attributes;
    }

    /// <summary>Whether it needs a number to be told from others of its name.</summary>
    public bool IsRepeatable => Max > 1;

    public override string ToString() => Encoding.UTF8.GetString(Name);
}

/// <summary>An attribute of an element.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its value may be.</param>
/// <param name="IsRequired">Whether it has to be there.</param>
internal sealed record AttributeDeclaration(byte[] Name, SimpleType Type, bool IsRequired);
