using Estream.Core;

namespace Estream.Queue;

/// <summary>
/// The keys of an encrypted queue are not to be had: none were given, the master key that is needed is not among them or is another one,
/// or the key file may be read by others. Keys are named by their ids; no message ever holds a key.
/// </summary>
public sealed class EstreamKeyException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which key is missing or wrong, and what to do.</param>
    /// <param name="path">The file concerned.</param>
    /// <param name="keyId">The id of the master key concerned, when it is about one.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamKeyException(string message, string? path, string? keyId = null, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        KeyId = keyId;
    }

    /// <summary>The id of the master key concerned, or <see langword="null"/>.</summary>
    public string? KeyId { get; }
}
