using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Json;

/// <summary>Takes the tokens of a document that may have been JSON.</summary>
internal interface IDocumentSink : IXmlSink
{
    /// <summary>The places of the tokens that follow say nothing: they are made of JSON, whose members have no order.</summary>
    void LosePlaces();
}
