namespace Estream.Wire;

/// <summary>An event of an adapter for logs and the console; not for the hot path.</summary>
/// <param name="TimeNanos">Nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Adapter">The adapter's name.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">One sentence: who, what, and what to do. Contains no password or payload.</param>
/// <param name="Exception">The cause, if there is one.</param>
public sealed record AdapterEvent(long TimeNanos, string Adapter, AdapterEventKind Kind, string Detail, Exception? Exception = null);

/// <summary>The kinds of <see cref="AdapterEvent"/>.</summary>
public enum AdapterEventKind
{
    /// <summary>The adapter is ready.</summary>
    Started,

    /// <summary>The adapter has stopped.</summary>
    Stopped,

    /// <summary>A connection was established.</summary>
    Connected,

    /// <summary>A connection has ended regularly.</summary>
    Disconnected,

    /// <summary>A connection was refused or lost.</summary>
    ConnectionFailed,

    /// <summary>A peer violated the protocol.</summary>
    ProtocolViolation,

    /// <summary>A message was refused and stored as a dead letter.</summary>
    DeadLettered,

    /// <summary>A queue cannot be written. The adapter stops reading from its peers until the queue can be written again.</summary>
    StorageBlocked,

    /// <summary>The queue can be written again.</summary>
    StorageRecovered,

    /// <summary>The peer granted less than requested.</summary>
    Degraded,

    /// <summary>Users, permissions or certificates were reloaded, or a connection or session ended because of such a change.</summary>
    CredentialsReloaded,
}
