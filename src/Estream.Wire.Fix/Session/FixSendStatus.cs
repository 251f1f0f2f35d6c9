namespace Estream.Wire.Fix;

/// <summary>The result of sending a message.</summary>
public enum FixSendStatus
{
    /// <summary>The message is in the store and queued for sending.</summary>
    Sent,

    /// <summary>The session is not logged on; nothing was stored.</summary>
    NotLoggedOn,

    /// <summary>The message is longer than MaxMessageBytes; nothing was stored.</summary>
    TooLong,
}
