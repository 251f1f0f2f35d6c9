namespace Estream.Wire.Iso20022.Xml;

/// <summary>Takes the tokens of a document in their order.</summary>
internal interface IXmlSink
{
    /// <summary>Takes what it expects, at once and from the reader itself, before the next token is read. Who expects nothing gets all by
    /// tokens.</summary>
    /// <param name="reader">The reader behind the token that was taken last.</param>
    /// <returns>False when nothing more is wanted of the document.</returns>
    bool Guide(scoped ref XmlTokenReader reader) => true;

    /// <summary>Takes a token.</summary>
    /// <param name="token">The reader at the token; its views end with the call.</param>
    /// <returns>False when nothing more is wanted of the document.</returns>
    bool Take(scoped in XmlTokenReader token);
}
