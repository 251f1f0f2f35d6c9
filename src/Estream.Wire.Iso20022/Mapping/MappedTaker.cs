namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Receives a mapped message or a part of a mapped message.</summary>
/// <param name="json">The message as JSON of its schema; valid until the call returns.</param>
/// <returns>Whether the message was accepted; otherwise reading stops.</returns>
internal delegate TranslateStatus MappedTaker(ReadOnlySpan<byte> json);
