namespace Estream.Wire.Iso20022.Xml;

/// <summary>The kinds of tokens.</summary>
internal enum XmlTokenKind
{
    /// <summary>No token.</summary>
    None,

    /// <summary>The start of an element. For an empty element the next token is its end.</summary>
    Start,

    /// <summary>The end of the open element.</summary>
    End,

    /// <summary>Text of the open element, complete or, next to comments and CDATA sections, a part of it.</summary>
    Text,
}
