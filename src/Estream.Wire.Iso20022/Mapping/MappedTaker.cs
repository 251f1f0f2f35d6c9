namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Takes a message, or a part of one, that was mapped.</summary>
/// <param name="json">The message as JSON of its schema; valid until the call returns.</param>
/// <returns>Whether it could be taken: nothing more is read where it could not.</returns>
internal delegate TranslateStatus MappedTaker(ReadOnlySpan<byte> json);
