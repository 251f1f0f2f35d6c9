using Estream.Core;

namespace Estream.Crypto;

/// <summary>A key file holds no key of the kind that is asked for. The message names the file and never any of its content.</summary>
public sealed class EstreamKeyFileException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the file, and what to do.</param>
    /// <param name="path">The file.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamKeyFileException(string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
    }
}
