namespace Estream.Wire.Mqtt;

/// <summary>When a broker sends retained messages for a subscription.</summary>
public enum MqttRetainHandling : byte
{
    /// <summary>With each SUBSCRIBE, and therefore with each connection.</summary>
    Always = 0,

    /// <summary>Only if the subscription is new to the broker.</summary>
    IfNew = 1,

    /// <summary>Never.</summary>
    Never = 2,
}

/// <summary>How a client authenticates to its broker.</summary>
public enum MqttAuthentication : byte
{
    /// <summary>With the user name and password, if set, in the CONNECT.</summary>
    Password = 0,

    /// <summary>With SCRAM-SHA-256 (RFC 7677): the password is not sent, and the broker proves that it knows the credentials.</summary>
    ScramSha256 = 1,
}

/// <summary>A subscription of a client.</summary>
/// <param name="Filter">The topic filter; may contain + and #.</param>
/// <param name="Qos">The maximum QoS with which the broker may send. Default: 1.</param>
public sealed record MqttSubscription(string Filter, MqttQos Qos = MqttQos.AtLeastOnce)
{
    /// <summary>Whether the broker does not send this client's own messages back. Not allowed for a shared subscription. Default:
    /// false.</summary>
    public bool NoLocal { get; init; }

    /// <summary>Whether messages keep the RETAIN flag with which they were published. Default: false.</summary>
    public bool RetainAsPublished { get; init; }

    /// <summary>When the broker sends retained messages. Default: when the subscription is new.</summary>
    public MqttRetainHandling RetainHandling { get; init; } = MqttRetainHandling.IfNew;
}

/// <summary>How messages of a schema are published.</summary>
/// <param name="Topic">The topic template; may contain fields of the schema.</param>
/// <param name="Qos">The QoS: 0, 1 or 2. Default: 1.</param>
public sealed record MqttEgress(TopicTemplate Topic, MqttQos Qos = MqttQos.AtLeastOnce)
{
    /// <summary>Whether the broker retains the newest message of each topic for later subscribers. Supported by clients only, not by
    /// endpoints. Default: false.</summary>
    public bool Retain { get; init; }
}

/// <summary>The message that the broker publishes for a client whose connection ends without a DISCONNECT: when its host crashes or the
/// network fails, not when the host stops.</summary>
public sealed record MqttWill
{
    /// <summary>The topic, without wildcards.</summary>
    public required string Topic { get; init; }

    /// <summary>The payload. Default: empty.</summary>
    public string Payload { get; init; } = "";

    /// <summary>The quality of service. Default: 1.</summary>
    public MqttQos Qos { get; init; } = MqttQos.AtLeastOnce;

    /// <summary>Whether the broker retains it for later subscribers. Default: false.</summary>
    public bool Retain { get; init; }

    /// <summary>How many seconds the broker waits for the client to reconnect before it publishes the will. Default: 0.</summary>
    public uint DelaySeconds { get; init; }
}

/// <summary>The options of an <see cref="MqttClient"/>: its broker, subscriptions and limits.</summary>
public sealed record MqttClientOptions
{
    /// <summary>The host name or address of the broker.</summary>
    public required string Host { get; init; }

    /// <summary>The port of the broker. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>The TLS options, including how to check the broker's certificate. Default: none, plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The user name; null for none.</summary>
    public string? UserName { get; init; }

    /// <summary>The file whose first line is the password. Only its owner may have access (chmod 600). Read at each connection, so it can
    /// be replaced; never logged.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The environment variable that holds the password. Read at each connection; never logged.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary>
    /// How the client authenticates. With SCRAM-SHA-256 only the owner may have access to the password file. Default: with the password.
    /// </summary>
    public MqttAuthentication Authentication { get; init; }

    /// <summary>Seconds between re-authentications with SCRAM on an open connection; 0 for never. Default: 0.</summary>
    public int ReauthenticateSeconds { get; init; }

    /// <summary>The client identifier, under which the broker keeps the session and queues messages while the client is
    /// disconnected.</summary>
    public required string ClientId { get; init; }

    /// <summary>The subscriptions. Default: none.</summary>
    public IReadOnlyList<MqttSubscription> Subscriptions { get; init; } = [];

    /// <summary>The schemas to publish; each schema at most once. Default: none.</summary>
    public IReadOnlyList<MqttEgress> Egress { get; init; } = [];

    /// <summary>The will, which the broker publishes if the connection is lost. Default: none.</summary>
    public MqttWill? Will { get; init; }

    /// <summary>How many seconds the broker keeps the session while the client is disconnected. Default: 3,600.</summary>
    public uint SessionExpirySeconds { get; init; } = 3_600;

    /// <summary>The keep-alive time in seconds. Default: 30.</summary>
    public int KeepAliveSeconds { get; init; } = 30;

    /// <summary>The maximum number of unacknowledged messages of QoS 1 and 2 from the broker. Default: 1,024.</summary>
    public int ReceiveMaximum { get; init; } = 1_024;

    /// <summary>The maximum packet size in bytes that the client accepts. Default: 1 MiB.</summary>
    public int MaxPacketBytes { get; init; } = 1024 * 1024;

    /// <summary>The maximum length of a topic in bytes. A message with a longer topic is refused; others are not affected. Default:
    /// 1,024.</summary>
    public int MaxTopicBytes { get; init; } = 1_024;

    /// <summary>The maximum number of topic aliases that the broker may use. Default: 32.</summary>
    public int TopicAliasMaximum { get; init; } = 32;

    /// <summary>The upper bound of the first wait before a reconnect. The bound doubles with each attempt; waits have full jitter. Default:
    /// 100 ms.</summary>
    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The upper bound of every wait before a reconnect. Default: 30 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum time in seconds from the start of a connection to its CONNACK. Default: 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>The source of the jitter. A seeded instance makes the waits repeatable. Default:
    /// <see cref="System.Random.Shared"/>.</summary>
    public Random Random { get; init; } = Random.Shared;
}
