using System.Buffers.Binary;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>Writes one packet into a span. The body is written first, so its length is known when the header is written.</summary>
/// <remarks>The span must be large enough. Writing past its end is a programming error and throws.</remarks>
internal ref struct PacketWriter
{
    private readonly Span<byte> _buffer;
    private readonly byte _first;
    private int _position;

    public PacketWriter(Span<byte> destination, PacketType type, byte flags = 0)
    {
        _buffer = destination;
        _first = (byte)(((int)type << 4) | flags);
        _position = FixedHeader.MaxLength;
    }

    public void WriteByte(byte value)
    {
        _buffer[_position++] = value;
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_position..], value);
        _position += 2;
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[_position..], value);
        _position += 4;
    }

    /// <summary>Writes a two-byte length, then the bytes of a string or of binary data.</summary>
    public void WriteBinary(ReadOnlySpan<byte> value)
    {
        WriteUInt16(checked((ushort)value.Length));
        WriteBytes(value);
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_buffer[_position..]);
        _position += value.Length;
    }

    /// <summary>Opens a property block and returns the mark to pass to <see cref="EndProperties"/>.</summary>
    public int BeginProperties()
    {
        return _position++;
    }

    public void EndProperties(int mark)
    {
        int length = _position - mark - 1;
        int extra = VarInt.Size(length) - 1;
        if (extra > 0)
        {
            // One byte is reserved for the length. Move the block if its length needs more bytes.
            _buffer.Slice(mark + 1, length).CopyTo(_buffer[(mark + 1 + extra)..]);
            _position += extra;
        }

        VarInt.Write(_buffer[mark..], length);
    }

    public void WriteProperty(PropertyId id, byte value)
    {
        WriteByte((byte)id);
        WriteByte(value);
    }

    public void WriteProperty(PropertyId id, ushort value)
    {
        WriteByte((byte)id);
        WriteUInt16(value);
    }

    public void WriteProperty(PropertyId id, uint value)
    {
        WriteByte((byte)id);
        WriteUInt32(value);
    }

    public void WriteProperty(PropertyId id, ReadOnlySpan<byte> value)
    {
        WriteByte((byte)id);
        WriteBinary(value);
    }

    /// <summary>Writes the fixed header and returns the length of the packet, which starts at the beginning of the span.</summary>
    public readonly int Finish()
    {
        int bodyLength = _position - FixedHeader.MaxLength;
        _buffer[0] = _first;
        int headerLength = 1 + VarInt.Size(bodyLength);
        _buffer[FixedHeader.MaxLength.._position].CopyTo(_buffer[headerLength..]);
        VarInt.Write(_buffer[1..], bodyLength);
        return headerLength + bodyLength;
    }
}

/// <summary>The packet types of MQTT 5, as encoded in the high four bits of the first byte.</summary>
internal enum PacketType : byte
{
    /// <summary>Not a packet type: 0 is reserved in MQTT. The property tables use it for the properties of a will.</summary>
    Will = 0,
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    Auth = 15,
}
