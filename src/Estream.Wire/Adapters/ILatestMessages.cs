using Estream.Esf;

namespace Estream.Wire;

/// <summary>Reads the latest message of each key of a map, for adapters that serve values to their peers. Thread-safe; reads do not block
/// the writer of the map.</summary>
public interface ILatestMessages
{
    /// <summary>The schema of the messages.</summary>
    EsfSchema Schema { get; }

    /// <summary>Copies the latest message of a key. Allocates nothing for messages that the map contains.</summary>
    /// <param name="key">The key's text in UTF-8.</param>
    /// <param name="destination">Receives the message if it is long enough.</param>
    /// <param name="storedAt">The time at which the message was stored, in nanoseconds since 1970-01-01 UTC.</param>
    /// <returns>The length of the message, also if the destination is shorter; 0 if the map has no readable message for the key.</returns>
    int Read(ReadOnlySpan<byte> key, Span<byte> destination, out long storedAt);
}
