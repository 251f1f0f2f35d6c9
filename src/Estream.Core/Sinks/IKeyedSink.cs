namespace Estream.Core;

/// <summary>Takes the latest message of each key: the seam between what follows a queue and the map that keeps the result.</summary>
/// <remarks>One writer thread.</remarks>
public interface IKeyedSink
{
    /// <summary>
    /// Whether what is kept may be less than what was put: the sink is new, or its machine went down before everything reached the
    /// device. The writer then begins at the oldest message again.
    /// </summary>
    bool NeedsReplay { get; }

    /// <summary>Removes everything, before a replay.</summary>
    void Clear();

    /// <summary>Stores a message as the latest of its key. Storing the same again changes nothing.</summary>
    /// <param name="key">The key's text in UTF-8.</param>
    /// <param name="position">The message's position in its queue.</param>
    /// <param name="sequence">Its number there.</param>
    /// <param name="time">When it was appended, in nanoseconds since the Unix epoch.</param>
    /// <param name="message">Its bytes, valid during the call.</param>
    /// <returns>False when the key is longer than the sink can keep; nothing was stored.</returns>
    /// <exception cref="EstreamStorageException">There is no room; nothing changed, and the same call can succeed later.</exception>
    bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message);
}
