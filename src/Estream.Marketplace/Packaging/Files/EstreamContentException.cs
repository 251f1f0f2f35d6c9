using Estream.Core;

namespace Estream.Marketplace.Files;

/// <summary>What somebody serves is not what was asked for: more bytes than it may have, an answer from elsewhere, a form it must not have.
/// Nothing of it was used.</summary>
public sealed class EstreamContentException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What came, from where, and what to do.</param>
    /// <param name="path">The file or address.</param>
    /// <param name="isTransient">Whether the same request can succeed later.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamContentException(string message, string? path, bool isTransient = false, Exception? innerException = null)
        : base(message, path, isTransient, innerException)
    {
    }

    /// <summary>Whether nothing was given at all: who serves it is out of reach, or does not give it to this user.</summary>
    public bool IsUnanswered { get; init; }
}
