namespace Estream.Wire.Fix;

/// <summary>Handles the events of a session. Called by one thread at a time per session; may send during a call.</summary>
public interface IFixApplication
{
    /// <summary>Called when both sides are logged on; messages can be sent from now on.</summary>
    void OnLogon(FixSession session)
    {
    }

    /// <summary>Called when the session has ended, by Logout or with its connection. Nothing can be sent any more.</summary>
    void OnLogout(FixSession session)
    {
    }

    /// <summary>
    /// Called for a valid application message in sequence. Each message is delivered once, unless the counterparty sets PossResend (97).
    /// Its MsgSeqNum counts as received when this method returns. If this method throws, the connection ends and the message is delivered
    /// again.
    /// </summary>
    /// <param name="session">The session that received the message.</param>
    /// <param name="message">The message; valid only during the call.</param>
    FixVerdict OnMessage(FixSession session, in FixMessage message);

    /// <summary>
    /// Called before the session sends. Completes when the delivered messages are durable, if the application guarantees that. Calls for
    /// one session do not overlap each other, but may overlap <see cref="OnMessage"/>. If this method throws, the connection ends. The
    /// default implementation completes immediately.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellation">Cancelled when the connection closes.</param>
    ValueTask SettleAsync(FixSession session, CancellationToken cancellation) => default;
}

/// <summary>The result of handling a message.</summary>
public enum FixVerdict
{
    /// <summary>The application accepted the message.</summary>
    Accepted,

    /// <summary>The application does not support this message type. The session answers with a Business Message Reject.</summary>
    Unsupported,
}
