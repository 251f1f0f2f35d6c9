namespace Estream.Wire.Fix;

/// <summary>What a session is for. Called by one thread at a time per session; may send from inside a call.</summary>
public interface IFixApplication
{
    /// <summary>Both sides have logged on: from now on messages can be sent.</summary>
    void OnLogon(FixSession session)
    {
    }

    /// <summary>The session has ended, by Logout or with its connection. Nothing can be sent any more.</summary>
    void OnLogout(FixSession session)
    {
    }

    /// <summary>
    /// A message of the application: valid, in turn, and for the first time unless the counterparty says otherwise (PossResend, 97). Its
    /// number counts as received when this returns; where it throws, the connection ends and the message comes again.
    /// </summary>
    /// <param name="session">The session it came by.</param>
    /// <param name="message">Valid only during the call.</param>
    FixVerdict OnMessage(FixSession session, in FixMessage message);

    /// <summary>
    /// Called before the session sends: completes when the messages that were handed over are durable, if the application promises that.
    /// Not called concurrently for one session, but beside <see cref="OnMessage"/>. If it throws, the connection ends. Default: completes
    /// at once.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellation">Cancelled when the connection closes.</param>
    ValueTask SettleAsync(FixSession session, CancellationToken cancellation) => default;
}

/// <summary>What an application says to a message.</summary>
public enum FixVerdict
{
    /// <summary>It was taken.</summary>
    Accepted,

    /// <summary>The application does not know such messages: the session answers with a Business Message Reject.</summary>
    Unsupported,
}
