using System.Buffers;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Collects the answers to the packets of one read, so that one write sends them. Not thread-safe.</summary>
internal sealed class AckBuffer : IDisposable
{
    /// <summary>The maximum number of topic filters in one request, so that their reason codes fit in the buffer.</summary>
    public const int MaxReasons = 1_024;

    private const int Capacity = 8 * 1024;
    private const int Reserve = MaxReasons + 64;

    private byte[] _buffer = [];
    private int _length;

    /// <summary>Whether the buffer has capacity for an answer of any length.</summary>
    public bool HasRoom => _length <= Capacity - Reserve;

    public bool IsEmpty => _length == 0;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Whether the peer uses MQTT 3.1.1, whose acknowledgements have no reason codes.</summary>
    public bool Is311 { get; set; }

    public void Add(PacketType type, ushort packetId, MqttReasonCode reason)
    {
        _length += ControlPackets.WriteAck(Free(), type, packetId, Is311 ? MqttReasonCode.Success : reason);
    }

    public void Add(ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(Free());
        _length += packet.Length;
    }

    public void AddReasons(PacketType type, ushort packetId, ReadOnlySpan<byte> reasons)
    {
        _length += Is311
            ? Mqtt311.WriteReasons(Free(), type, packetId, reasons)
            : ControlPackets.WriteReasons(Free(), type, packetId, reasons);
    }

    public void Clear()
    {
        _length = 0;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
        }
    }

    private Span<byte> Free()
    {
        if (_buffer.Length == 0)
        {
            // Allocated on first use: connections that only publish at QoS 0 never need a buffer.
            _buffer = ArrayPool<byte>.Shared.Rent(Capacity);
        }

        return _buffer.AsSpan(_length);
    }
}
