using Estream.Core;

namespace Estream.Wire;

/// <summary>The other side of a wire could not be reached, refused us, or went away.</summary>
public sealed class WireConnectionException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which peer, what it said, and what to do.</param>
    /// <param name="isTransient">True when trying again later can help: the peer is down, not the credentials wrong.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public WireConnectionException(string message, bool isTransient, Exception? innerException = null)
        : base(message, path: null, isTransient, innerException)
    {
    }
}
