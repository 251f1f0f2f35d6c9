namespace Estream.Wire.Mqtt;

/// <summary>Writes the payload of one message.</summary>
/// <param name="destination">Room of <see cref="MqttPublisherOptions.MaxPayloadBytes"/>.</param>
/// <param name="device">0 to <see cref="MqttPublisherOptions.Devices"/> - 1.</param>
/// <param name="sequence">0, 1, 2, … for each device. Asked again with the same numbers when a message has to be sent again.</param>
/// <returns>The number of bytes written.</returns>
public delegate int MqttPayloadWriter(Span<byte> destination, int device, long sequence);

/// <summary>What an <see cref="MqttPublisher"/> sends, where to, and how fast.</summary>
public sealed record MqttPublisherOptions
{
    /// <summary>The server's name or address.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The server's port.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>TLS, where the server speaks it. Default: plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The user name, where the server asks for one.</summary>
    public string? UserName { get; init; }

    /// <summary>The password that belongs to it. Never logged.</summary>
    public string? Password { get; init; }

    /// <summary>The connections' client identifiers are this with -0, -1, … behind it.</summary>
    public string ClientIdPrefix { get; init; } = "estream-feed";

    /// <summary>How many connections share the devices. 1 to 1,000; default 4.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>How many devices are simulated; at least as many as connections. Default 1,000.</summary>
    public int Devices { get; init; } = 1_000;

    /// <summary>The topic; {device_id} stands for the device's name.</summary>
    public string TopicTemplate { get; init; } = "devices/{device_id}/telemetry";

    /// <summary>The name of a device from its number. Default: device-0000, device-0001, …</summary>
    public Func<int, string> DeviceName { get; init; } = device => $"device-{device:D4}";

    /// <summary>0 or 1; QoS 2 is not simulated. Default 0.</summary>
    public MqttQos Qos { get; init; }

    /// <summary>Messages per second over all connections; 0 for as fast as the server takes them. Default 0.</summary>
    public double MessagesPerSecond { get; init; }

    /// <summary>Messages over all connections after which the run ends; 0 to go on until cancelled. Default 0.</summary>
    public long MaxMessages { get; init; }

    /// <summary>Room a payload may take, in bytes. Default 1,024.</summary>
    public int MaxPayloadBytes { get; init; } = 1_024;

    /// <summary>Bytes handed to the socket at once. Default 64 KiB.</summary>
    public int BatchBytes { get; init; } = 64 * 1024;

    /// <summary>QoS 1 messages that may be unacknowledged per connection; the server's Receive Maximum can lower it. Default
    /// 1,024.</summary>
    public int Window { get; init; } = 1_024;

    /// <summary>
    /// QoS 0 only: each connection encodes one batch and sends it over and over, so that the sender costs next to nothing and the
    /// receiver is what is measured. Default false.
    /// </summary>
    public bool RepeatFirstBatch { get; init; }

    /// <summary>Whether a lost connection is opened again, and unacknowledged QoS 1 messages sent again. Default true.</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>Called with device and sequence for each QoS 1 message the server has taken; from the connection's thread. Default:
    /// nothing.</summary>
    public Action<int, long>? Acknowledged { get; init; }

    /// <summary>What is sent and where to, without the password.</summary>
    public override string ToString()
    {
        return $"{Connections} connections to {Host}:{Port} as {UserName ?? "nobody"}, QoS {(int)Qos}, topic {TopicTemplate}";
    }
}
