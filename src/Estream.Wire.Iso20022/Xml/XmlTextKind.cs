namespace Estream.Wire.Iso20022.Xml;

/// <summary>Where text stands, which decides what its characters mean.</summary>
internal enum XmlTextKind
{
    /// <summary>Between tags: references stand for characters, and <c>]]&gt;</c> is not allowed.</summary>
    Text,

    /// <summary>In a CDATA section: nothing stands for anything else.</summary>
    CData,

    /// <summary>In an attribute: references stand for characters, and tabs and line ends for spaces.</summary>
    Attribute,
}
