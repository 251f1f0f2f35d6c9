namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Receives the messages of statements, in order, while the document is still being read.</summary>
internal interface IMappedSink
{
    /// <summary>Receives a message.</summary>
    /// <param name="json">The message as JSON of its schema; valid until the call returns.</param>
    void TakeMapped(ReadOnlySpan<byte> json);
}
