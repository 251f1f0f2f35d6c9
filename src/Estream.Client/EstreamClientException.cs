using Estream.Core;

namespace Estream.Client;

/// <summary>A host refused a request, or could not be reached.</summary>
public sealed class EstreamClientException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="status">The result of the request.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamClientException(string message, ClientStatus status, Exception? innerException = null)
        : base(message, path: null, isTransient: status is ClientStatus.Unavailable, innerException) => Status = status;

    /// <summary>The result of the request; <see cref="ClientStatus.Unavailable"/> if the connection was lost.</summary>
    public ClientStatus Status { get; }
}
