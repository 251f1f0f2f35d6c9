namespace Estream.Wire;

/// <summary>The outcome of sending a message.</summary>
/// <param name="Code">The outcome.</param>
/// <param name="Detail">Why the message was not sent; empty if it was sent.</param>
public readonly record struct EmitStatus(EmitCode Code, string Detail)
{
    /// <summary>Whether the message was sent and, if the quality of service has acknowledgements, acknowledged.</summary>
    public bool IsOk => Code == EmitCode.Ok;

    /// <summary>The message was sent and, if the quality of service has acknowledgements, acknowledged.</summary>
    public static EmitStatus Ok => new(EmitCode.Ok, "");
}

/// <summary>The outcomes of sending.</summary>
public enum EmitCode
{
    /// <summary>Sent, and acknowledged if the quality of service requires it.</summary>
    Ok,

    /// <summary>There is no connection now; try again later.</summary>
    NotConnected,

    /// <summary>The peer refused this message; sending it again will not help.</summary>
    Refused,

    /// <summary>The peer does not accept the message now, for example because of a quota or a missing permission. Try again
    /// later.</summary>
    Deferred,

    /// <summary>The adapter does not send.</summary>
    Unsupported,
}
