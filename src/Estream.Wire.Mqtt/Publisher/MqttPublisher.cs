using System.Text;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt;

/// <summary>
/// A load generator that speaks real MQTT 5: many simulated devices over a few connections, QoS 0 or 1, within the server's Receive
/// Maximum. For demonstrations, benchmarks and tests.
/// </summary>
/// <remarks>The counters may be read from any thread while <see cref="RunAsync"/> is under way.</remarks>
public sealed class MqttPublisher
{
    private readonly PublisherConnection[] _connections;

    /// <summary>Prepares the connections; nothing is opened yet.</summary>
    /// <param name="options">What to send; copied.</param>
    /// <param name="writePayload">Called from several threads at once where there are several connections.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public MqttPublisher(MqttPublisherOptions options, MqttPayloadWriter writePayload)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(writePayload);
        Check(options);
        _connections = new PublisherConnection[options.Connections];
        for (int index = 0; index < _connections.Length; index++)
        {
            _connections[index] = new PublisherConnection(options, index, Topics(options, index), writePayload);
        }
    }

    /// <summary>Messages handed to the socket, repeated ones included.</summary>
    public long Sent => _connections.Sum(connection => connection.Sent);

    /// <summary>QoS 1 messages the server has acknowledged with a success.</summary>
    public long Acknowledged => _connections.Sum(connection => connection.Acknowledged);

    /// <summary>QoS 1 messages the server has refused.</summary>
    public long Refused => _connections.Sum(connection => connection.Refused);

    /// <summary>Bytes handed to the socket.</summary>
    public long Bytes => _connections.Sum(connection => connection.Bytes);

    /// <summary>Connections the server has accepted and that are open now.</summary>
    public int OpenConnections => _connections.Count(connection => connection.IsOpen);

    /// <summary>Times a connection was lost.</summary>
    public long Losses => _connections.Sum(connection => connection.Losses);

    /// <summary>
    /// Publishes until <see cref="MqttPublisherOptions.MaxMessages"/> are sent (at QoS 1: answered) or until cancelled. Ends cleanly
    /// with a DISCONNECT in both cases.
    /// </summary>
    /// <exception cref="WireConnectionException">
    /// The server refused the connection for good, or it was lost and <see cref="MqttPublisherOptions.Reconnect"/> is off. The other
    /// connections are ended as well.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(_connections.Select(connection => Task.Run(() => RunOneAsync(connection, ending), CancellationToken.None)))
            .ConfigureAwait(false);
    }

    /// <summary>One connection that is refused for good ends the others, or the error would come when they end: never.</summary>
    private static async Task RunOneAsync(PublisherConnection connection, CancellationTokenSource ending)
    {
        try
        {
            await connection.RunAsync(ending.Token).ConfigureAwait(false);
        }
        catch (WireConnectionException)
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static byte[][] Topics(MqttPublisherOptions options, int connection)
    {
        List<byte[]> topics = [];
        for (int device = connection; device < options.Devices; device += options.Connections)
        {
            string name = options.DeviceName(device);
            topics.Add(Encoding.UTF8.GetBytes(options.TopicTemplate.Replace("{device_id}", name, StringComparison.Ordinal)));
        }

        return [.. topics];
    }

    private static void Check(MqttPublisherOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Host);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Connections);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Connections, 1_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Devices, options.Connections);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)options.Qos, (int)MqttQos.AtLeastOnce);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MessagesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxMessages);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxPayloadBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPayloadBytes, 16 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(options.BatchBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Window);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Window, 65_534);
        if (options.RepeatFirstBatch && options.Qos != MqttQos.AtMostOnce)
        {
            throw new ArgumentException("RepeatFirstBatch needs QoS 0: packet identifiers cannot be repeated.", nameof(options));
        }
    }
}
