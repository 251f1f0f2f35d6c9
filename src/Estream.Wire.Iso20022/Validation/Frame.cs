using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>An open element, with the progress through its content.</summary>
internal struct Frame
{
    /// <summary>The element.</summary>
    public ElementDeclaration Element;

    /// <summary>The number of this occurrence among elements of its name, from 1.</summary>
    public int Number;

    /// <summary>The index of the last child element in its type. For a choice: the chosen alternative, negative before the
    /// choice.</summary>
    public int At;

    /// <summary>The number of occurrences of that child; for arbitrary elements, the number of elements.</summary>
    public int Count;

    public Frame(ElementDeclaration element, int number)
    {
        Element = element;
        Number = number;
        At = element.Type.Kind == ContentKind.Choice ? -1 : 0;
    }

    /// <summary>The type of the element.</summary>
    public readonly ContentType Type => Element.Type;
}
