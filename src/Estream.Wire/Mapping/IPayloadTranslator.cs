namespace Estream.Wire;

/// <summary>Turns what a protocol of its own sends into messages of one schema. Thread-safe: the connections of an adapter share
/// it.</summary>
public interface IPayloadTranslator
{
    /// <summary>Encodes a message. Allocates nothing for one that is right; never throws on bytes from the wire.</summary>
    /// <param name="message">The message as it came.</param>
    /// <param name="destination">Takes the ESF message; what it holds after a failure means nothing.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length);
}
