using Estream.Esf;

namespace Estream.Wire.Iso20022;

/// <summary>Takes a message of ESF that a message of ISO 20022 has become.</summary>
/// <param name="schema">Its schema.</param>
/// <param name="message">The message, with private fields in clear; valid until the call returns.</param>
public delegate void Iso20022MessageTaker(EsfSchema schema, ReadOnlySpan<byte> message);
