namespace Estream.Wire.Iso20022.Xml;

/// <summary>Receives the tokens of a document in order.</summary>
internal interface IXmlSink
{
    /// <summary>Takes expected elements directly from the reader before the next token is read (fast path). The default takes nothing, so
    /// that everything arrives as tokens.</summary>
    /// <param name="reader">The reader, positioned after the last token.</param>
    /// <returns>False if no more of the document is needed.</returns>
    bool Guide(scoped ref XmlTokenReader reader) => true;

    /// <summary>Receives a token.</summary>
    /// <param name="token">The reader at the token; its spans are valid during the call.</param>
    /// <returns>False if no more of the document is needed.</returns>
    bool Take(scoped in XmlTokenReader token);
}
