namespace Estream.Wire.Iso20022.Xml;

/// <summary>What a token is.</summary>
internal enum XmlTokenKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>An element begins. Also of one that is empty: its end is the next token.</summary>
    Start,

    /// <summary>The open element ends.</summary>
    End,

    /// <summary>Text of the open element, all of it or, around comments and CDATA sections, a part of it.</summary>
    Text,
}
