using System.Net;

namespace Estream.Wire.Mqtt;

/// <summary>How an <see cref="MqttEndpoint"/> listens and what it grants. The defaults suit a few thousand devices on one
/// machine.</summary>
public sealed record MqttEndpointOptions
{
    /// <summary>The address to listen on. Beyond loopback a <see cref="PasswordFile"/> or a <see cref="ScramFile"/> is required. Default:
    /// 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 lets the system choose. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>TLS with this certificate. Default: none.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>The users that may connect; see <see cref="MqttPasswordFile"/>. Default: none, anybody on loopback may connect.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// The users that may prove themselves by SCRAM-SHA-256, which sends no password; see <see cref="MqttScramFile"/>. Without a
    /// <see cref="PasswordFile"/> beside it nobody else may connect. Default: none.
    /// </summary>
    public string? ScramFile { get; init; }

    /// <summary>Lets anybody who reaches the port publish, also beyond loopback. Default: false.</summary>
    public bool UnsafeAllowAnonymous { get; init; }

    /// <summary>
    /// Whether passwords may cross the network in plain text: an endpoint beyond loopback with a <see cref="PasswordFile"/> and without
    /// <see cref="Tls"/> refuses to start otherwise. Default: false.
    /// </summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Connections at once; one more is closed at once. Default: 10,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>
    /// Connections of one address at once; one more is closed at once. 0: half of <see cref="MaxConnections"/>, and no limit for this
    /// machine. Default: 0.
    /// </summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>
    /// Wrong passwords that one address may try in a minute; then it is refused with 0x9F until the minute is over, unless a password was
    /// right before. Default: 120.
    /// </summary>
    public int MaxFailedLoginsPerMinute { get; init; } = 120;

    /// <summary>
    /// Bytes of unfinished packets that the clients of one user, or of one address without users, may have sent; the first 64 KiB of each
    /// packet are free. A client that would exceed it is disconnected with 0x97. At least one packet is possible. Default: 64 MiB.
    /// </summary>
    public int MaxUnfinishedBytesPerUser { get; init; } = 64 << 20;

    /// <summary>
    /// Sessions of one user. One more ends the user's own absent session that would expire first; where all its clients are connected it is
    /// refused with 0x97. 0: half of <see cref="MaxSessions"/>. Default: 0.
    /// </summary>
    public int MaxSessionsPerUser { get; init; }

    /// <summary>
    /// Sessions kept at once, those of absent clients included. One more ends the absent one that would expire first, of the user
    /// with the most sessions; where all clients
    /// are connected it is refused with 0x97. A session whose client uses QoS 2 takes 8 KiB. Default: 100,000.
    /// </summary>
    public int MaxSessions { get; init; } = 100_000;

    /// <summary>
    /// The longest client identifier in bytes; a longer one is refused with 0x85. Each session kept holds its own, in twice as many bytes.
    /// Every server has to take 23. Default: 256.
    /// </summary>
    public int MaxClientIdBytes { get; init; } = 256;

    /// <summary>
    /// The largest packet in bytes; a larger one ends its connection with 0x95. While such a packet arrives its connection holds it once,
    /// while it is stored up to three times, or ten times where a raw payload becomes a bytes field. Between packets a connection holds at
    /// most 200 KiB, its will, and the topics of its aliases
    /// (<see cref="MaxTopicBytes"/> x <see cref="TopicAliasMaximum"/>). Default: 1 MiB.
    /// </summary>
    public int MaxPacketBytes { get; init; } = 1024 * 1024;

    /// <summary>The longest topic in bytes; a longer one is refused with 0x90. Default: 1,024.</summary>
    public int MaxTopicBytes { get; init; } = 1_024;

    /// <summary>Messages of QoS 1 and 2 a client may have unacknowledged. Default: 1,024.</summary>
    public int ReceiveMaximum { get; init; } = 1_024;

    /// <summary>Topic aliases a client may use, and those it is told. Default: 32.</summary>
    public int TopicAliasMaximum { get; init; } = 32;

    /// <summary>
    /// The longest keep-alive in seconds; a client that asks for more, or for none, gets this one. It bounds how long a connection whose
    /// peer is gone can stay. Default: 600.
    /// </summary>
    public int MaxKeepAliveSeconds { get; init; } = 600;

    /// <summary>The longest a session outlives its connection, in seconds. Default: 86,400, one day.</summary>
    public int MaxSessionExpirySeconds { get; init; } = 86_400;

    /// <summary>Seconds from accepting a connection to its whole CONNECT, TLS included. Default: 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>Seconds a client may refuse to take what it is sent before it is cut off. Default: 30.</summary>
    public int WriteTimeoutSeconds { get; init; } = 30;

    /// <summary>
    /// Who may read and write which topics, in the format of mosquitto's acl_file. With it devices may subscribe, and what is not allowed
    /// there is forbidden, publishing included; without it nobody may subscribe. Default: none.
    /// </summary>
    public string? AclFile { get; init; }

    /// <summary>Master keys for the relay, in which messages wait for their subscribers; required where a mapping's queue is encrypted.
    /// Default: none.</summary>
    public string? RelayKeyFile { get; init; }

    /// <summary>
    /// How much of the relay may wait, in bytes. A session whose client is further behind is ended, with 0x97 where it is connected: no
    /// message is left out in silence. Default: 1 GiB.
    /// </summary>
    public int RelayBytes { get; init; } = 1 << 30;

    /// <summary>How far a client that is subscribed at QoS 0 alone may be behind, in bytes, before it jumps to the newest message. Default:
    /// 64 MiB.</summary>
    public int MaxBehindBytes { get; init; } = 64 << 20;

    /// <summary>Messages of QoS 1 and 2 that are under way to a client at most, however many it takes. Default: 100.</summary>
    public int MaxInflight { get; init; } = 100;

    /// <summary>Subscriptions of a session; one more is refused with 0x97. Default: 1,000.</summary>
    public int MaxSubscriptionsPerSession { get; init; } = 1_000;

    /// <summary>Subscriptions of all sessions; one more is refused with 0x97. Each takes some 200 bytes, and its filter twice. Default:
    /// 1,000,000.</summary>
    public int MaxSubscriptions { get; init; } = 1_000_000;

    /// <summary>Subscriptions of all sessions of one user. More are refused with 0x97. 0: half of <see cref="MaxSubscriptions"/>. Default:
    /// 0.</summary>
    public int MaxSubscriptionsPerUser { get; init; }

    /// <summary>Levels of a topic filter; one with more is refused with 0x97. Default: 128.</summary>
    public int MaxFilterLevels { get; init; } = 128;

    /// <summary>Shared subscriptions, each with all its members; one more is refused with 0x97. Default: 10,000.</summary>
    public int MaxGroups { get; init; } = 10_000;

    /// <summary>Members of a shared subscription; one more is refused with 0x97. Default: 1,000.</summary>
    public int MaxGroupMembers { get; init; } = 1_000;

    /// <summary>Topics that retain a message; one more is refused with 0x97. Default: 100,000.</summary>
    public int MaxRetained { get; init; } = 100_000;

    /// <summary>
    /// Topics with a retained message that one user has written since the start. A message for one more is refused with 0x97. 0: half of
    /// <see cref="MaxRetained"/>. Default: 0.
    /// </summary>
    public int MaxRetainedPerUser { get; init; }

    /// <summary>Bytes of the messages that are retained, with their topics; more are refused with 0x97. Default: 256 MiB.</summary>
    public int MaxRetainedBytes { get; init; } = 256 << 20;

    /// <summary>What the host publishes to subscribers, each schema once. Default: nothing.</summary>
    public IReadOnlyList<MqttEgress> Egress { get; init; } = [];

    /// <summary>Returns the limit for one user or address: what is configured, or half of the whole when that is 0.</summary>
    internal static int Share(int configured, int whole) => configured > 0 ? configured : Math.Max(1, whole / 2);
}
