using Estream.Queue;

namespace Estream.Wire.Fix;

/// <summary>The options of a session: CompIDs, FIX version and limits. The defaults suit a counterparty that follows the
/// specification.</summary>
public sealed record FixSessionOptions
{
    /// <summary>The FIX version and its dictionaries.</summary>
    public required FixProtocol Protocol { get; init; }

    /// <summary>Our name: SenderCompID (49) of sent messages. At most 64 bytes.</summary>
    public required string SenderCompId { get; init; }

    /// <summary>The counterparty's name: TargetCompID (56) of sent messages. At most 64 bytes.</summary>
    public required string TargetCompId { get; init; }

    /// <summary>The queue that stores sequence numbers and messages across restarts. Each session needs its own queue without other
    /// content; the caller disposes it. Default: none; the newest <see cref="KeptMessages"/> messages are kept in memory.</summary>
    public EstreamQueue? Journal { get; init; }

    /// <summary>The number of messages kept in memory if there is no <see cref="Journal"/>. Default: 10,000.</summary>
    public int KeptMessages { get; init; } = 10_000;

    /// <summary>SenderSubID (50) of sent messages. Default: none.</summary>
    public string? SenderSubId { get; init; }

    /// <summary>SenderLocationID (142) of sent messages. Default: none.</summary>
    public string? SenderLocationId { get; init; }

    /// <summary>TargetSubID (57) of sent messages. Default: none.</summary>
    public string? TargetSubId { get; init; }

    /// <summary>TargetLocationID (143) of sent messages. Default: none.</summary>
    public string? TargetLocationId { get; init; }

    /// <summary>Username (553) of a Logon: an initiator sends it, an acceptor requires it. Not available in FIX 4.2. Default:
    /// none.</summary>
    public string? Username { get; init; }

    /// <summary>
    /// A file with Password (554) of a Logon, read at every Logon: an initiator sends it but never journals it, an acceptor requires it.
    /// One line of at most 256 bytes; only its owner may have access (chmod 600). Requires <see cref="Username"/>. Without TLS, the
    /// password is sent as plaintext. Default: none.
    /// </summary>
    public string? PasswordFile { get; init; }

    /// <summary>The environment variable with the password, instead of <see cref="PasswordFile"/>; set at most one of the two. Default:
    /// none.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary>
    /// The name that the certificate of a counterparty must have to log on to an acceptor: one of its DNS names, or its common name if it
    /// has no DNS name. Requires <see cref="WireServerTlsOptions.ClientCaFile"/> or <see cref="WireServerTlsOptions.ClientPins"/>. Default:
    /// none, any accepted certificate may log on to this session.
    /// </summary>
    public string? PeerCertificateName { get; init; }

    /// <summary>Whether a Logon states the next expected message in NextExpectedMsgSeqNum (789), so that missing messages are resent
    /// without a ResendRequest, in both directions. Both sides must enable this; not available in FIX 4.2. Default: false.</summary>
    public bool SendsNextExpectedMsgSeqNum { get; init; }

    /// <summary>Whether every message states the last received MsgSeqNum in LastMsgSeqNumProcessed (369). Default: false.</summary>
    public bool SendsLastMsgSeqNumProcessed { get; init; }

    /// <summary>The maximum number of messages in one ResendRequest; 0 requests all missing messages with EndSeqNo 0. Default: 0.</summary>
    public int MaxResendRequest { get; init; }

    /// <summary>Whether to send a Logout before ending a connection that has been silent for too long. Default: false.</summary>
    public bool SendsLogoutOnTimeout { get; init; }

    /// <summary>When the session is open. Outside these hours no Logon is accepted, and a logged-on session is logged out. Default:
    /// always.</summary>
    public FixSchedule? Schedule { get; init; }

    /// <summary>Whether every Logon resets both sequence numbers to 1. Earlier messages can then not be requested again. Default:
    /// false.</summary>
    public bool ResetOnLogon { get; init; }

    /// <summary>Whether a Logout resets both sequence numbers to 1. Default: false.</summary>
    public bool ResetOnLogout { get; init; }

    /// <summary>Whether the end of a connection resets both sequence numbers to 1. Default: false.</summary>
    public bool ResetOnDisconnect { get; init; }

    /// <summary>HeartBtInt (108): the heartbeat interval an initiator requests, in seconds; 0 for no heartbeats. An acceptor uses the
    /// initiator's interval. Default: 30.</summary>
    public int HeartbeatSeconds { get; init; } = 30;

    /// <summary>The maximum heartbeat interval accepted in a Logon, in seconds. Default: 3,600.</summary>
    public int MaxHeartbeatSeconds { get; init; } = 3_600;

    /// <summary>The maximum difference between SendingTime and our clock in either direction, in seconds. Default: 120.</summary>
    public int MaxLatencySeconds { get; init; } = 120;

    /// <summary>The maximum time from a connection to its Logon, in seconds. Default: 10.</summary>
    public int LogonTimeoutSeconds { get; init; } = 10;

    /// <summary>How long to wait for the answer to our Logout, in seconds. Default: 2.</summary>
    public int LogoutTimeoutSeconds { get; init; } = 2;

    /// <summary>The maximum number of early messages kept while earlier messages are missing, at most 4 MiB in total. Messages beyond these
    /// limits are dropped and requested again later. Default: 1,024.</summary>
    public int MaxPendingMessages { get; init; } = 1_024;

    /// <summary>The maximum message length in bytes, in either direction; receiving a longer message ends the session. Default: 64 KiB, at
    /// most 8 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>The maximum number of fields in a message; a message with more is rejected. Default: 2,048.</summary>
    public int MaxFields { get; init; } = 2_048;

    /// <summary>Whether to accept fields from tag 5000 on that the dictionary does not define, or does not define for their message.
    /// Default: false.</summary>
    public bool AllowUserDefinedFields { get; init; }

    /// <summary>Whether to accept fields without a value. Default: false.</summary>
    public bool AllowEmptyValues { get; init; }
}
