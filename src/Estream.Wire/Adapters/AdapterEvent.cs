namespace Estream.Wire;

/// <summary>Something an operator may want to know about an adapter: for logs and for the console, never for the hot path.</summary>
/// <param name="TimeNanos">Nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Adapter">The adapter's name.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">One sentence: who, what, and what to do. Never holds a password or a payload.</param>
/// <param name="Exception">The cause, where there is one.</param>
public sealed record AdapterEvent(long TimeNanos, string Adapter, AdapterEventKind Kind, string Detail, Exception? Exception = null);

/// <summary>The kinds of <see cref="AdapterEvent"/>.</summary>
public enum AdapterEventKind
{
    /// <summary>The adapter is ready.</summary>
    Started,

    /// <summary>The adapter has stopped.</summary>
    Stopped,

    /// <summary>A peer was accepted, or has accepted us.</summary>
    Connected,

    /// <summary>A connection has ended as it should.</summary>
    Disconnected,

    /// <summary>A connection was refused, or has ended as it should not.</summary>
    ConnectionFailed,

    /// <summary>A peer sent what the protocol does not allow.</summary>
    ProtocolViolation,

    /// <summary>A message did not fit and went to the dead letters.</summary>
    DeadLettered,

    /// <summary>A queue cannot be written; the wire is not read meanwhile.</summary>
    StorageBlocked,

    /// <summary>The queue can be written again.</summary>
    StorageRecovered,

    /// <summary>The peer granted less than was asked for.</summary>
    Degraded,

    /// <summary>Users, rights or certificates were read again, or somebody has lost them.</summary>
    CredentialsReloaded,
}
