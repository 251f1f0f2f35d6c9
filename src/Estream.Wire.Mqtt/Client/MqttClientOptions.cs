namespace Estream.Wire.Mqtt;

/// <summary>When a broker sends the messages it retains for the topics of a subscription.</summary>
public enum MqttRetainHandling : byte
{
    /// <summary>With each SUBSCRIBE, and so with each connection.</summary>
    Always = 0,

    /// <summary>When the subscription is new to the broker.</summary>
    IfNew = 1,

    /// <summary>Never.</summary>
    Never = 2,
}

/// <summary>How a client proves to its broker who it is.</summary>
public enum MqttAuthentication : byte
{
    /// <summary>It sends user name and password in its CONNECT, where they are set.</summary>
    Password = 0,

    /// <summary>By SCRAM-SHA-256 (RFC 7677): the password is not sent, and the broker proves that it knows it.</summary>
    ScramSha256 = 1,
}

/// <summary>What a client subscribes to.</summary>
/// <param name="Filter">The topic filter, with + and # where wanted.</param>
/// <param name="Qos">The most the broker may use; default 1.</param>
public sealed record MqttSubscription(string Filter, MqttQos Qos = MqttQos.AtLeastOnce)
{
    /// <summary>Whether what this client publishes does not come back to it. Not for a shared subscription. Default: false.</summary>
    public bool NoLocal { get; init; }

    /// <summary>Whether messages keep the flag RETAIN they were published with. Default: false.</summary>
    public bool RetainAsPublished { get; init; }

    /// <summary>When retained messages come. Default: when the subscription is new.</summary>
    public MqttRetainHandling RetainHandling { get; init; } = MqttRetainHandling.IfNew;
}

/// <summary>What messages of a schema are published to.</summary>
/// <param name="Topic">The topic, with fields of the schema where wanted.</param>
/// <param name="Qos">0, 1 or 2; default 1.</param>
public sealed record MqttEgress(TopicTemplate Topic, MqttQos Qos = MqttQos.AtLeastOnce)
{
    /// <summary>Whether the broker keeps the newest message of each topic for those who subscribe later; of a client alone. Default:
    /// false.</summary>
    public bool Retain { get; init; }
}

/// <summary>What the broker publishes for a client whose connection ends without a goodbye: when its host dies or the network fails, not
/// when the host stops.</summary>
public sealed record MqttWill
{
    /// <summary>Where it is published, without wildcards.</summary>
    public required string Topic { get; init; }

    /// <summary>Its content. Default: empty.</summary>
    public string Payload { get; init; } = "";

    /// <summary>The quality of service. Default: 1.</summary>
    public MqttQos Qos { get; init; } = MqttQos.AtLeastOnce;

    /// <summary>Whether the broker keeps it for those who subscribe later. Default: false.</summary>
    public bool Retain { get; init; }

    /// <summary>Seconds the broker waits for the client to come back before it publishes. Default: 0.</summary>
    public uint DelaySeconds { get; init; }
}

/// <summary>How an <see cref="MqttClient"/> reaches its broker and what it wants from it.</summary>
public sealed record MqttClientOptions
{
    /// <summary>The broker's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The broker's port. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>TLS, and how to check the broker's certificate. Default: plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The user name, where the broker asks for one.</summary>
    public string? UserName { get; init; }

    /// <summary>A file whose first line is the password, which only its owner may use (chmod 600). Read at each connection, so it can be
    /// replaced; never logged.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The environment variable that holds the password. Read at each connection; never logged.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary>
    /// How the client proves who it is. By SCRAM the password file must be one that nobody but its owner may use. Default: by the password.
    /// </summary>
    public MqttAuthentication Authentication { get; init; }

    /// <summary>Seconds after which the client proves itself again on an open connection, by SCRAM; 0 for never. Default: 0.</summary>
    public int ReauthenticateSeconds { get; init; }

    /// <summary>The client identifier: the broker keeps the session, and the messages of our absence, under this name.</summary>
    public required string ClientId { get; init; }

    /// <summary>What to subscribe to.</summary>
    public IReadOnlyList<MqttSubscription> Subscriptions { get; init; } = [];

    /// <summary>What to publish, each schema once. Default: nothing.</summary>
    public IReadOnlyList<MqttEgress> Egress { get; init; } = [];

    /// <summary>What the broker says for us when we are lost. Default: nothing.</summary>
    public MqttWill? Will { get; init; }

    /// <summary>Seconds the broker is to keep the session while we are away. Default: 3,600.</summary>
    public uint SessionExpirySeconds { get; init; } = 3_600;

    /// <summary>Seconds between signs of life. Default: 30.</summary>
    public int KeepAliveSeconds { get; init; } = 30;

    /// <summary>Messages of QoS 1 and 2 the broker may send unacknowledged. Default: 1,024.</summary>
    public int ReceiveMaximum { get; init; } = 1_024;

    /// <summary>The largest packet in bytes we take. Default: 1 MiB.</summary>
    public int MaxPacketBytes { get; init; } = 1024 * 1024;

    /// <summary>The longest topic in bytes; a longer one is refused message by message. Default: 1,024.</summary>
    public int MaxTopicBytes { get; init; } = 1_024;

    /// <summary>Topic aliases the broker may use. Default: 32.</summary>
    public int TopicAliasMaximum { get; init; } = 32;

    /// <summary>The upper end of the first wait before a new attempt; waits double, with full jitter. Default: 100 ms.</summary>
    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The upper end of every wait. Default: 30 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Seconds from the first byte to the CONNACK. Default: 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>The source of the jitter; a seeded one makes the waits repeatable. Default: the shared one.</summary>
    public Random Random { get; init; } = Random.Shared;
}
