using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Encodes consecutive messages into one buffer, for one write to the socket.</summary>
internal sealed class PublisherBatch
{
    private readonly MqttPublisherOptions _options;
    private readonly int _connection;
    private readonly byte[][] _topics;
    private readonly MqttPayloadWriter _writePayload;
    private readonly byte[] _payload;
    private readonly byte[] _buffer;
    private int _count;
    private int _length;

    public PublisherBatch(MqttPublisherOptions options, int connection, byte[][] topics, MqttPayloadWriter writePayload)
    {
        _options = options;
        _connection = connection;
        _topics = topics;
        _writePayload = writePayload;
        _payload = new byte[options.MaxPayloadBytes];

        // One message always fits, even if BatchBytes is smaller.
        int longest = ClientPackets.PublishLength(topics.Max(topic => topic.Length), options.Qos, options.MaxPayloadBytes);
        _buffer = new byte[Math.Max(options.BatchBytes, longest)];
    }

    /// <summary>The encoded messages of the last <see cref="Fill"/>.</summary>
    public ReadOnlyMemory<byte> Encoded => _buffer.AsMemory(0, _length);

    /// <summary>Returns the packet identifier of a message: 1 to 65,535 in turn. The window is smaller, so a reused one is free.</summary>
    public static ushort PacketId(long number)
    {
        return (ushort)((number % ushort.MaxValue) + 1);
    }

    public int DeviceOf(long number)
    {
        return _connection + ((int)(number % _topics.Length) * _options.Connections);
    }

    public long SequenceOf(long number)
    {
        return number / _topics.Length;
    }

    /// <summary>Encodes messages starting at <paramref name="first"/>: as many as fit, at most <paramref name="limit"/>.</summary>
    /// <returns>The number of encoded messages.</returns>
    public int Fill(long first, long limit)
    {
        if (_options.RepeatFirstBatch && _count > 0 && _count <= limit)
        {
            return _count;
        }

        _count = 0;
        _length = 0;
        while (_count < limit)
        {
            long number = first + _count;
            byte[] topic = _topics[number % _topics.Length];
            int payloadBytes = _writePayload(_payload, DeviceOf(number), SequenceOf(number));
            if (_length + ClientPackets.PublishLength(topic.Length, _options.Qos, payloadBytes) > _buffer.Length)
            {
                break;
            }

            _length += ClientPackets.WritePublish(
                _buffer.AsSpan(_length), topic, _options.Qos, PacketId(number), _payload.AsSpan(0, payloadBytes));
            _count++;
        }

        return _count;
    }
}
