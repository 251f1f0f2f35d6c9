namespace Estream.Wire;

/// <summary>
/// Says what dead letters keep of a payload whose own schema has no private fields, and in which a peer may quote private values of other
/// messages all the same: fields that hold names we gave, codes and numbers, and no free text. Called from any thread.
/// </summary>
/// <param name="payload">The payload as it came; may be anything.</param>
public delegate byte[] LetterContent(ReadOnlySpan<byte> payload);
