using Estream.Core;

namespace Estream.Wire.OpcUa;

/// <summary>A server has answered a request as a whole with a bad status, or with a response that cannot be decoded.</summary>
public sealed class OpcUaException : EstreamException
{
    /// <summary>Creates the exception of a service.</summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="status">The status.</param>
    internal OpcUaException(string service, UaStatus status)
        : base($"The server does not perform {service}: {status}. {Advice(status)}", path: null, isTransient: true, innerException: null) =>
        Status = status;

    /// <summary>The status of the service.</summary>
    public UaStatus Status { get; }

    /// <summary>Whether the session or its channel no longer exists.</summary>
    internal bool IsSessionLost => Status == UaStatus.BadSessionIdInvalid || Status == UaStatus.BadSessionClosed
        || Status == UaStatus.BadSessionNotActivated || Status == UaStatus.BadSecureChannelIdInvalid
        || Status == UaStatus.BadConnectionClosed || Status == UaStatus.BadTimeout;

    private static string Advice(UaStatus status) => status.ToString() switch
    {
        "BadConnectionClosed" or "BadTimeout" => "Check the connection and the server.",
        "BadIdentityTokenRejected" or "BadIdentityTokenInvalid" or "BadUserAccessDenied" => "Check the user and its password.",
        "BadSecurityChecksFailed" or "BadCertificateUntrusted" =>
            "The server may not trust the certificate of this client: move own/cert.der of the trust list to the server's trusted ones.",
        "BadTooManySessions" => "Close sessions at the server, or raise its limit.",
        _ => "See the status codes of the server.",
    };
}
