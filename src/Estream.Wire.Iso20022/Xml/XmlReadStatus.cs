namespace Estream.Wire.Iso20022.Xml;

/// <summary>What came of looking for the next token.</summary>
internal enum XmlReadStatus
{
    /// <summary>There is one.</summary>
    Token,

    /// <summary>More bytes are needed, from <see cref="XmlTokenReader.Consumed"/> on.</summary>
    NeedMore,

    /// <summary>The document is over, and whole.</summary>
    End,

    /// <summary>These bytes never become a document.</summary>
    Refused,
}
