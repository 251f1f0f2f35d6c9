namespace Estream.Core;

/// <summary>Receives the latest message of each key: the interface between a reader of a queue and the map that keeps the result.</summary>
/// <remarks>Used by one thread.</remarks>
public interface IKeyedSink
{
    /// <summary>
    /// Whether stored messages may be missing: the sink is new, or the machine stopped before everything reached the device. The writer
    /// then starts at the oldest message again.
    /// </summary>
    bool NeedsReplay { get; }

    /// <summary>Removes everything, before a replay.</summary>
    void Clear();

    /// <summary>Stores a message as the latest of its key. Idempotent.</summary>
    /// <param name="key">The key's text in UTF-8.</param>
    /// <param name="position">The message's position in its queue.</param>
    /// <param name="sequence">Its sequence number in the queue.</param>
    /// <param name="time">When it was appended, in nanoseconds since the Unix epoch.</param>
    /// <param name="message">Its bytes, valid during the call.</param>
    /// <returns>False if the key is too long for the sink; nothing was stored.</returns>
    /// <exception cref="EstreamStorageException">There is no space; nothing changed, and the same call can succeed later.</exception>
    bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message);
}
