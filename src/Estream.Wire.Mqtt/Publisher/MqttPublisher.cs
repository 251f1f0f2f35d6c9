using System.Text;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt;

/// <summary>
/// A load generator for MQTT 5: simulates many devices over a few connections, at QoS 0 or 1, within the server's Receive Maximum. For
/// demonstrations, benchmarks and tests.
/// </summary>
/// <remarks>Any thread may read the counters while <see cref="RunAsync"/> is running.</remarks>
public sealed class MqttPublisher
{
    private readonly PublisherConnection[] _connections;

    /// <summary>Creates the connections without opening them.</summary>
    /// <param name="options">The server, the messages and the rate.</param>
    /// <param name="writePayload">Writes the payloads. Called concurrently if there are several connections.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
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

    /// <summary>The number of messages written to sockets, including resent ones.</summary>
    public long Sent => _connections.Sum(connection => connection.Sent);

    /// <summary>The number of QoS 1 messages that the server acknowledged with success.</summary>
    public long Acknowledged => _connections.Sum(connection => connection.Acknowledged);

    /// <summary>The number of QoS 1 messages that the server refused.</summary>
    public long Refused => _connections.Sum(connection => connection.Refused);

    /// <summary>The number of bytes written to sockets.</summary>
    public long Bytes => _connections.Sum(connection => connection.Bytes);

    /// <summary>The number of connections that are open and accepted by the server.</summary>
    public int OpenConnections => _connections.Count(connection => connection.IsOpen);

    /// <summary>How many times a connection was lost.</summary>
    public long Losses => _connections.Sum(connection => connection.Losses);

    /// <summary>
    /// Publishes until <see cref="MqttPublisherOptions.MaxMessages"/> are sent (at QoS 1: acknowledged) or until cancelled. Sends a
    /// DISCONNECT at the end, unless the cancellation interrupts a packet.
    /// </summary>
    /// <exception cref="WireConnectionException">
    /// The server refused a connection permanently, or a connection was lost and <see cref="MqttPublisherOptions.Reconnect"/> is false. The
    /// other connections are closed too.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(_connections.Select(connection => Task.Run(() => RunOneAsync(connection, ending), CancellationToken.None)))
            .ConfigureAwait(false);
    }

    /// <summary>Runs one connection. A permanent refusal cancels the other connections, which otherwise might never end.</summary>
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
            throw new ArgumentException("RepeatFirstBatch requires QoS 0, because packet identifiers cannot be repeated.", nameof(options));
        }
    }
}
