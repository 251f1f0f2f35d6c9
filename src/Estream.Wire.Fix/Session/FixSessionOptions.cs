using Estream.Queue;

namespace Estream.Wire.Fix;

/// <summary>Who talks to whom, in which version, and within which limits. The defaults suit a counterparty that keeps to the
/// specification.</summary>
public sealed record FixSessionOptions
{
    /// <summary>The version and its dictionaries.</summary>
    public required FixProtocol Protocol { get; init; }

    /// <summary>Our name: SenderCompID (49) of what we send. At most 64 bytes.</summary>
    public required string SenderCompId { get; init; }

    /// <summary>The counterparty's name: TargetCompID (56) of what we send. At most 64 bytes.</summary>
    public required string TargetCompId { get; init; }

    /// <summary>
    /// The queue that remembers numbers and messages beyond the process: one per session, with nothing else in it, and the caller's to
    /// dispose.
    /// Default: none; the newest <see cref="KeptMessages"/> messages are remembered for as long as the process lives.
    /// </summary>
    public EstreamQueue? Journal { get; init; }

    /// <summary>Messages kept in memory where there is no <see cref="Journal"/>. Default: 10,000.</summary>
    public int KeptMessages { get; init; } = 10_000;

    /// <summary>SenderSubID (50) of what we send. Default: none.</summary>
    public string? SenderSubId { get; init; }

    /// <summary>SenderLocationID (142) of what we send. Default: none.</summary>
    public string? SenderLocationId { get; init; }

    /// <summary>TargetSubID (57) of what we send. Default: none.</summary>
    public string? TargetSubId { get; init; }

    /// <summary>TargetLocationID (143) of what we send. Default: none.</summary>
    public string? TargetLocationId { get; init; }

    /// <summary>Username (553) of a Logon: an initiator sends it, an acceptor wants it. FIX 4.2 has none. Default: none.</summary>
    public string? Username { get; init; }

    /// <summary>
    /// A file with Password (554) of a Logon, read whenever somebody logs on: an initiator sends it and keeps it in no journal, an acceptor
    /// wants it. One line, 256 bytes at most; only its owner may use it (chmod 600). Needs <see cref="Username"/>; on the wire it stands in
    /// clear without TLS. Default: none.
    /// </summary>
    public string? PasswordFile { get; init; }

    /// <summary>The environment variable that holds it instead; set one of the two at most. Default: none.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary>
    /// The name that the certificate of who logs on to an acceptor must carry: among its DNS names, or as its common name where it has
    /// none. Needs <see cref="WireServerTlsOptions.ClientCaFile"/> or <see cref="WireServerTlsOptions.ClientPins"/>. Default: none, whoever
    /// has a certificate logs on by any name.
    /// </summary>
    public string? PeerCertificateName { get; init; }

    /// <summary>
    /// Says in a Logon which message is expected next, NextExpectedMsgSeqNum (789), so that what is missing is sent again without being
    /// asked for; and does so for a counterparty that says it. Both sides have to want it; FIX 4.2 has no such field. Default: false.
    /// </summary>
    public bool SendsNextExpectedMsgSeqNum { get; init; }

    /// <summary>Says in every message which one was received last: LastMsgSeqNumProcessed (369). Default: false.</summary>
    public bool SendsLastMsgSeqNumProcessed { get; init; }

    /// <summary>Messages asked for at once where some are missing; 0: all of them, to the end. Default: 0.</summary>
    public int MaxResendRequest { get; init; }

    /// <summary>Says Logout before it ends a connection that has been silent for too long. Default: false.</summary>
    public bool SendsLogoutOnTimeout { get; init; }

    /// <summary>When the session is open; outside of it nobody logs on, and who is logged on is logged out. Default: always.</summary>
    public FixSchedule? Schedule { get; init; }

    /// <summary>Both numbers begin at 1 with every Logon. What was sent before can then not be asked for again. Default: false.</summary>
    public bool ResetOnLogon { get; init; }

    /// <summary>Both numbers begin at 1 behind every Logout. Default: false.</summary>
    public bool ResetOnLogout { get; init; }

    /// <summary>Both numbers begin at 1 behind every end of a connection. Default: false.</summary>
    public bool ResetOnDisconnect { get; init; }

    /// <summary>Seconds without a message before an initiator sends a Heartbeat; 0 for none. An acceptor takes the initiator's. Default:
    /// 30.</summary>
    public int HeartbeatSeconds { get; init; } = 30;

    /// <summary>The longest heartbeat interval an initiator may ask for, in seconds. Default: 3,600.</summary>
    public int MaxHeartbeatSeconds { get; init; } = 3_600;

    /// <summary>How far SendingTime may be from our clock, in seconds, in either direction. Default: 120.</summary>
    public int MaxLatencySeconds { get; init; } = 120;

    /// <summary>Seconds from a connection to its Logon. Default: 10.</summary>
    public int LogonTimeoutSeconds { get; init; } = 10;

    /// <summary>Seconds from our Logout to the answer. Default: 2.</summary>
    public int LogoutTimeoutSeconds { get; init; } = 2;

    /// <summary>
    /// Messages kept that came before others they stand behind, 4 MiB of them at most. What comes above that is asked for again later.
    /// Default: 1,024.
    /// </summary>
    public int MaxPendingMessages { get; init; } = 1_024;

    /// <summary>The longest message in bytes, in either direction; a longer one that comes ends the session. Default: 64 KiB, at most 8
    /// MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>The most fields of a message; one with more is rejected. Default: 2,048.</summary>
    public int MaxFields { get; init; } = 2_048;

    /// <summary>Lets fields from 5000 on pass that the dictionary does not know, or not in their message. Default: false.</summary>
    public bool AllowUserDefinedFields { get; init; }

    /// <summary>Lets fields without a value pass. Default: false.</summary>
    public bool AllowEmptyValues { get; init; }
}
