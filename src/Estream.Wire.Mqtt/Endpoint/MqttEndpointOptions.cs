using System.Net;

namespace Estream.Wire.Mqtt;

/// <summary>The options of an <see cref="MqttEndpoint"/>: addresses, files and limits. The defaults suit a few thousand devices on one
/// machine.</summary>
public sealed record MqttEndpointOptions
{
    /// <summary>The address to listen on. An address beyond loopback requires a <see cref="PasswordFile"/>, a <see cref="ScramFile"/> or
    /// <see cref="UnsafeAllowAnonymous"/>. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 lets the operating system choose one. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>The TLS options with the server certificate. Default: none, no TLS.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>The file of users that may connect; see <see cref="MqttPasswordFile"/>. Default: none; anyone on loopback may
    /// connect.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// The file of users that may log in with SCRAM-SHA-256, which does not send the password; see <see cref="MqttScramFile"/>. Without an
    /// additional <see cref="PasswordFile"/> no other client may connect. Default: none.
    /// </summary>
    public string? ScramFile { get; init; }

    /// <summary>Allows anonymous clients to connect and publish, even beyond loopback. Default: false.</summary>
    public bool UnsafeAllowAnonymous { get; init; }

    /// <summary>
    /// Allows passwords to cross the network in plain text. If false, an endpoint beyond loopback with a <see cref="PasswordFile"/> and
    /// without <see cref="Tls"/> refuses to start. Default: false.
    /// </summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>The maximum number of open connections. A connection beyond it is closed immediately. Default: 10,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>
    /// The maximum number of open connections per address. A connection beyond it is closed immediately. 0 means half of
    /// <see cref="MaxConnections"/> for other machines and no limit for this machine. Default: 0.
    /// </summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>
    /// The maximum number of wrong passwords per address and minute. Further logins from that address are refused with 0x9F until the
    /// minute is over, except with a password that was verified before. Default: 120.
    /// </summary>
    public int MaxFailedLoginsPerMinute { get; init; } = 120;

    /// <summary>
    /// The maximum number of bytes of unfinished packets from the clients of one user, or of one address if there are no users. The first
    /// 64 KiB of each packet are not counted. A client that would exceed the limit is disconnected with 0x97. A single packet is always
    /// possible. Default: 64 MiB.
    /// </summary>
    public int MaxUnfinishedBytesPerUser { get; init; } = 64 << 20;

    /// <summary>
    /// The maximum number of sessions per user. A further session ends the user's disconnected session that would expire first. If all
    /// clients of the user are connected, the new one is refused with 0x97. 0 means half of <see cref="MaxSessions"/>. Default: 0.
    /// </summary>
    public int MaxSessionsPerUser { get; init; }

    /// <summary>
    /// The maximum number of sessions, including those of disconnected clients. A further session ends the disconnected session that would
    /// expire first, of the user with the most sessions. If all clients are connected, the new client is refused with 0x97. A session whose
    /// client uses QoS 2 takes 8 KiB. Default: 100,000.
    /// </summary>
    public int MaxSessions { get; init; } = 100_000;

    /// <summary>
    /// The maximum length of a client identifier in bytes. A longer one is refused with 0x85. Each session holds its identifier in twice as
    /// many bytes. MQTT requires every server to accept 23 bytes. Default: 256.
    /// </summary>
    public int MaxClientIdBytes { get; init; } = 256;

    /// <summary>
    /// The maximum packet size in bytes. A larger packet ends its connection with 0x95. A connection holds a packet once while the packet
    /// arrives, and up to three times while it is stored. If a raw payload becomes a bytes field, the connection holds up to ten copies.
    /// Between packets a connection holds at most 200 KiB, its will, and the topics of its aliases (<see cref="MaxTopicBytes"/> x
    /// <see cref="TopicAliasMaximum"/>). Default: 1 MiB.
    /// </summary>
    public int MaxPacketBytes { get; init; } = 1024 * 1024;

    /// <summary>The maximum length of a topic in bytes. A longer topic is refused with 0x90. Default: 1,024.</summary>
    public int MaxTopicBytes { get; init; } = 1_024;

    /// <summary>The maximum number of unacknowledged messages of QoS 1 and 2 from one client. Default: 1,024.</summary>
    public int ReceiveMaximum { get; init; } = 1_024;

    /// <summary>The maximum number of topic aliases per connection, in each direction. Default: 32.</summary>
    public int TopicAliasMaximum { get; init; } = 32;

    /// <summary>
    /// The maximum keep-alive in seconds. It is imposed on a client that requests a longer keep-alive, or none. It limits how long the
    /// connection of a vanished peer stays open. Default: 600.
    /// </summary>
    public int MaxKeepAliveSeconds { get; init; } = 600;

    /// <summary>The maximum session expiry interval in seconds. Default: 86,400, one day.</summary>
    public int MaxSessionExpirySeconds { get; init; } = 86_400;

    /// <summary>The maximum time in seconds from accepting a connection to its complete CONNECT, including the TLS handshake. Default:
    /// 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>The maximum time in seconds for which a client may block a write before it is disconnected. Default: 30.</summary>
    public int WriteTimeoutSeconds { get; init; } = 30;

    /// <summary>
    /// The file that states who may read and write which topics, in the format of mosquitto's acl_file. With it, devices may subscribe, and
    /// every access that the file does not allow is forbidden, including publishing. Without it, no client may subscribe. Default: none.
    /// </summary>
    public string? AclFile { get; init; }

    /// <summary>The file of master keys for the relay, which buffers messages for subscribers. Required if the queue of a mapping is
    /// encrypted. Default: none.</summary>
    public string? RelayKeyFile { get; init; }

    /// <summary>The ML-KEM-1024 private key file that opens wrapped keys of <see cref="RelayKeyFile"/>. Default: none.</summary>
    public string? RelayPrivateKeyFile { get; init; }

    /// <summary>
    /// The maximum backlog of the relay in bytes. A session whose client falls further behind is ended, with 0x97 if the client is
    /// connected, so no message is skipped silently. Default: 1 GiB.
    /// </summary>
    public int RelayBytes { get; init; } = 1 << 30;

    /// <summary>The maximum backlog in bytes of a client that has only QoS 0 subscriptions. Beyond it, the client jumps to the newest
    /// message. Default: 64 MiB.</summary>
    public int MaxBehindBytes { get; init; } = 64 << 20;

    /// <summary>The maximum number of messages of QoS 1 and 2 in flight to a client, even if its Receive Maximum is higher. Default:
    /// 100.</summary>
    public int MaxInflight { get; init; } = 100;

    /// <summary>The maximum number of subscriptions per session. Further subscriptions are refused with 0x97. Default: 1,000.</summary>
    public int MaxSubscriptionsPerSession { get; init; } = 1_000;

    /// <summary>The maximum number of subscriptions of all sessions. Further subscriptions are refused with 0x97. Each subscription takes
    /// about 200 bytes plus twice the length of its filter. Default: 1,000,000.</summary>
    public int MaxSubscriptions { get; init; } = 1_000_000;

    /// <summary>The maximum number of subscriptions of all sessions of one user. Further subscriptions are refused with 0x97. 0 means half
    /// of <see cref="MaxSubscriptions"/>. Default: 0.</summary>
    public int MaxSubscriptionsPerUser { get; init; }

    /// <summary>The maximum number of levels of a topic filter. A filter with more is refused with 0x97. Default: 128.</summary>
    public int MaxFilterLevels { get; init; } = 128;

    /// <summary>The maximum number of shared subscriptions; all members of one count once. Further shared subscriptions are refused with
    /// 0x97. Default: 10,000.</summary>
    public int MaxGroups { get; init; } = 10_000;

    /// <summary>The maximum number of members of a shared subscription. Further members are refused with 0x97. Default: 1,000.</summary>
    public int MaxGroupMembers { get; init; } = 1_000;

    /// <summary>The maximum number of topics with a retained message. Further topics are refused with 0x97. Default: 100,000.</summary>
    public int MaxRetained { get; init; } = 100_000;

    /// <summary>
    /// The maximum number of topics with a retained message that one user has published since the start. A message for a further topic is
    /// refused with 0x97. 0 means half of <see cref="MaxRetained"/>. Default: 0.
    /// </summary>
    public int MaxRetainedPerUser { get; init; }

    /// <summary>The maximum size in bytes of all retained messages, including topics. Further messages are refused with 0x97. Default: 256
    /// MiB.</summary>
    public int MaxRetainedBytes { get; init; } = 256 << 20;

    /// <summary>The schemas that the host publishes to subscribers; each schema at most once. Default: none.</summary>
    public IReadOnlyList<MqttEgress> Egress { get; init; } = [];

    /// <summary>Returns the limit for one user or address: the configured limit, or half of the limit for all if the configured limit is
    /// 0.</summary>
    internal static int Share(int configured, int whole) => configured > 0 ? configured : Math.Max(1, whole / 2);
}
