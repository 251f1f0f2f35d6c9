using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>An open element, and how far its content has come.</summary>
internal struct Frame
{
    /// <summary>The element.</summary>
    public ElementDeclaration Element;

    /// <summary>The how manieth of its name it is, from 1.</summary>
    public int Number;

    /// <summary>Which of the elements of its type stood there last. Of a choice: which was chosen, below 0 while none was.</summary>
    public int At;

    /// <summary>How often that one stood there; of elements of others how many there were.</summary>
    public int Count;

    public Frame(ElementDeclaration element, int number)
    {
        Element = element;
        Number = number;
        At = element.Type.Kind == ContentKind.Choice ? -1 : 0;
    }

    /// <summary>Its type.</summary>
    public readonly ContentType Type => Element.Type;
}
