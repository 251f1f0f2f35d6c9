namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Takes the messages that statements become, in their order, while the rest of them is still to come.</summary>
internal interface IMappedSink
{
    /// <summary>Takes a message.</summary>
    /// <param name="json">The message as JSON of its schema; valid until the call returns.</param>
    void TakeMapped(ReadOnlySpan<byte> json);
}
