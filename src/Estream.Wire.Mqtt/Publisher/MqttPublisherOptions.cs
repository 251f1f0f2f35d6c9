namespace Estream.Wire.Mqtt;

/// <summary>Writes the payload of one message.</summary>
/// <param name="destination">A buffer of <see cref="MqttPublisherOptions.MaxPayloadBytes"/> bytes.</param>
/// <param name="device">The number of the device: 0 to <see cref="MqttPublisherOptions.Devices"/> - 1.</param>
/// <param name="sequence">0, 1, 2, … per device. Called again with the same numbers when a message is resent.</param>
/// <returns>The number of bytes written.</returns>
public delegate int MqttPayloadWriter(Span<byte> destination, int device, long sequence);

/// <summary>The options of an <see cref="MqttPublisher"/>: the server, the messages and the rate.</summary>
public sealed record MqttPublisherOptions
{
    /// <summary>The host name or address of the server. Default: 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port of the server. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>The TLS options. Default: none, plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The user name; null for none.</summary>
    public string? UserName { get; init; }

    /// <summary>The password of the user. Never logged.</summary>
    public string? Password { get; init; }

    /// <summary>The prefix of the client identifiers. Connection n appends -n, starting with -0. Default: estream-feed.</summary>
    public string ClientIdPrefix { get; init; } = "estream-feed";

    /// <summary>The number of connections that share the devices: 1 to 1,000. Default: 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>The number of simulated devices; at least <see cref="Connections"/>. Default: 1,000.</summary>
    public int Devices { get; init; } = 1_000;

    /// <summary>The topic template; {device_id} is replaced by the name of the device. Default: devices/{device_id}/telemetry.</summary>
    public string TopicTemplate { get; init; } = "devices/{device_id}/telemetry";

    /// <summary>Returns the name of a device for its number. Default: device-0000, device-0001, …</summary>
    public Func<int, string> DeviceName { get; init; } = device => $"device-{device:D4}";

    /// <summary>The quality of service: 0 or 1; QoS 2 is not supported. Default: 0.</summary>
    public MqttQos Qos { get; init; }

    /// <summary>Messages per second over all connections; 0 for as fast as the server accepts them. Default: 0.</summary>
    public double MessagesPerSecond { get; init; }

    /// <summary>The number of messages over all connections after which the run ends; 0 to run until cancelled. Default: 0.</summary>
    public long MaxMessages { get; init; }

    /// <summary>The maximum length of a payload in bytes. Default: 1,024.</summary>
    public int MaxPayloadBytes { get; init; } = 1_024;

    /// <summary>The number of bytes per write to the socket. Default: 64 KiB.</summary>
    public int BatchBytes { get; init; } = 64 * 1024;

    /// <summary>The maximum number of unacknowledged QoS 1 messages per connection. The server's Receive Maximum can lower it. Default:
    /// 1,024.</summary>
    public int Window { get; init; } = 1_024;

    /// <summary>
    /// QoS 0 only: each connection encodes one batch and sends it repeatedly. The sender then needs almost no CPU time, so that a benchmark
    /// measures the receiver. Default: false.
    /// </summary>
    public bool RepeatFirstBatch { get; init; }

    /// <summary>Whether to reconnect after a connection is lost and to resend unacknowledged QoS 1 messages. Default: true.</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>Called with device and sequence for each QoS 1 message that the server acknowledges with success, on the thread of the
    /// connection. Default: null.</summary>
    public Action<int, long>? Acknowledged { get; init; }

    /// <summary>Returns a summary of the options, without the password.</summary>
    public override string ToString()
    {
        return $"{Connections} connections to {Host}:{Port} as {UserName ?? "nobody"}, QoS {(int)Qos}, topic {TopicTemplate}";
    }
}
