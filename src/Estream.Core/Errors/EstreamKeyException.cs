namespace Estream.Core;

/// <summary>
/// The keys of an encrypted queue or map are not available. No keys were given, the required master key is missing or differs, or other
/// users may read the key file. Messages name keys by their ids and never contain a key.
/// </summary>
public sealed class EstreamKeyException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which key is missing or wrong, and what to do.</param>
    /// <param name="path">The file concerned.</param>
    /// <param name="keyId">The id of the master key concerned, if any.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamKeyException(string message, string? path, string? keyId = null, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        KeyId = keyId;
    }

    /// <summary>The id of the master key concerned, or <see langword="null"/>.</summary>
    public string? KeyId { get; }
}
