namespace Estream.Wire.Mqtt;

/// <summary>What a client subscribes to.</summary>
/// <param name="Filter">The topic filter, with + and # where wanted.</param>
/// <param name="Qos">The most the broker may use; default 1.</param>
public sealed record MqttSubscription(string Filter, MqttQos Qos = MqttQos.AtLeastOnce);

/// <summary>What messages of a schema are published to.</summary>
/// <param name="Topic">The topic, with fields of the schema where wanted.</param>
/// <param name="Qos">0 or 1, and of an endpoint 2 as well; default 1.</param>
public sealed record MqttEgress(TopicTemplate Topic, MqttQos Qos = MqttQos.AtLeastOnce);

/// <summary>How an <see cref="MqttClient"/> reaches its broker and what it wants from it.</summary>
public sealed record MqttClientOptions
{
    /// <summary>The broker's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The broker's port. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>TLS, and how to check the broker's certificate. Default: plain TCP.</summary>
    public MqttTlsOptions? Tls { get; init; }

    /// <summary>The user name, where the broker asks for one.</summary>
    public string? UserName { get; init; }

    /// <summary>A file whose first line is the password. Read at each connection, so it can be replaced; never logged.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The environment variable that holds the password. Read at each connection; never logged.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary>The client identifier: the broker keeps the session, and the messages of our absence, under this name.</summary>
    public required string ClientId { get; init; }

    /// <summary>What to subscribe to.</summary>
    public IReadOnlyList<MqttSubscription> Subscriptions { get; init; } = [];

    /// <summary>What to publish, each schema once. Default: nothing.</summary>
    public IReadOnlyList<MqttEgress> Egress { get; init; } = [];

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
