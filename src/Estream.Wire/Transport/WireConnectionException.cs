using Estream.Core;

namespace Estream.Wire;

/// <summary>A peer could not be reached, refused the connection, or closed it.</summary>
public sealed class WireConnectionException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The peer, its answer, and what to do.</param>
    /// <param name="isTransient">Whether another attempt can succeed, for example after the peer has started.</param>
    /// <param name="innerException">The cause.</param>
    public WireConnectionException(string message, bool isTransient, Exception? innerException = null)
        : base(message, path: null, isTransient, innerException)
    {
    }
}
