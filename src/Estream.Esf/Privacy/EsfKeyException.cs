using Estream.Core;

namespace Estream.Esf;

/// <summary>Thrown when the keys of an audience are not available: no keys were given, or the key files are invalid. The message names keys
/// by audience and file, and never contains key material.</summary>
public sealed class EsfKeyException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The missing or invalid key, and what to do.</param>
    /// <param name="path">The file or folder concerned, if any.</param>
    /// <param name="audience">The audience concerned, if any.</param>
    /// <param name="innerException">The cause, if any.</param>
    public EsfKeyException(string message, string? path, string? audience = null, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Audience = audience;
    }

    /// <summary>The audience concerned, or <see langword="null"/>.</summary>
    public string? Audience { get; }
}
