namespace Estream.Wire.Fix;

/// <summary>What came of sending a message.</summary>
public enum FixSendStatus
{
    /// <summary>It is in the store and on its way.</summary>
    Sent,

    /// <summary>Nobody is logged on; nothing was stored.</summary>
    NotLoggedOn,

    /// <summary>It is longer than MaxMessageBytes; nothing was stored.</summary>
    TooLong,
}
