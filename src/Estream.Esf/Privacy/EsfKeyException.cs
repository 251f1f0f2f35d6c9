using Estream.Core;

namespace Estream.Esf;

/// <summary>The keys of an audience are not to be had: none were given, or their files are not what they have to be. Keys are named by
/// audience and file; no message ever holds one.</summary>
public sealed class EsfKeyException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which key is missing or wrong, and what to do.</param>
    /// <param name="path">The file or folder concerned, when there is one.</param>
    /// <param name="audience">The audience concerned, when it is about one.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EsfKeyException(string message, string? path, string? audience = null, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Audience = audience;
    }

    /// <summary>The audience concerned, or <see langword="null"/>.</summary>
    public string? Audience { get; }
}
