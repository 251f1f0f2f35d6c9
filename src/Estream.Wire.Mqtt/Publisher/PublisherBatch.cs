using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Encodes a run of messages into one buffer, ready for one write to the socket.</summary>
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

        // One message always fits, however small the batch is asked to be.
        int longest = ClientPackets.PublishLength(topics.Max(topic => topic.Length), options.Qos, options.MaxPayloadBytes);
        _buffer = new byte[Math.Max(options.BatchBytes, longest)];
    }

    /// <summary>The messages of the last <see cref="Fill"/>.</summary>
    public ReadOnlyMemory<byte> Encoded => _buffer.AsMemory(0, _length);

    /// <summary>Identifiers 1 to 65,535 in turn; the window is smaller, so one is free again when it comes round.</summary>
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

    /// <summary>Encodes messages from <paramref name="first"/> on, as many as fit and at most <paramref name="limit"/>.</summary>
    /// <returns>How many there are.</returns>
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
