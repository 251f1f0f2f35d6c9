namespace Estream.Wire;

/// <summary>What came of sending one message.</summary>
/// <param name="Code">What happened.</param>
/// <param name="Detail">The reason in words where it was not sent; empty otherwise.</param>
public readonly record struct EmitStatus(EmitCode Code, string Detail)
{
    /// <summary>True when the message was sent and, at a quality that is acknowledged, taken.</summary>
    public bool IsOk => Code == EmitCode.Ok;

    /// <summary>The message was sent and, at a quality that is acknowledged, taken.</summary>
    public static EmitStatus Ok => new(EmitCode.Ok, "");
}

/// <summary>The outcomes of sending.</summary>
public enum EmitCode
{
    /// <summary>Sent, and taken where the quality asks for it.</summary>
    Ok,

    /// <summary>There is no connection now; try again later.</summary>
    NotConnected,

    /// <summary>The peer refused this message; sending it again will not help.</summary>
    Refused,

    /// <summary>The peer does not take this message now, for a reason that can pass: a missing right, a quota. Try again later.</summary>
    Deferred,

    /// <summary>The adapter does not send.</summary>
    Unsupported,
}
