using System.Buffers;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>Splits the bytes received by a pipe into packets. Only packets that span several segments, which are rare, are
/// copied.</summary>
internal ref struct FrameCursor
{
    private readonly FrameScratch _scratch;
    private readonly int _maxPacketBytes;
    private ReadOnlySequence<byte> _rest;
    private ReadOnlySpan<byte> _span;
    private int _offset;
    private ReadOnlySequence<byte> _undoRest;
    private int _undoOffset;
    private bool _undoAcross;

    public FrameCursor(in ReadOnlySequence<byte> buffer, FrameScratch scratch, int maxPacketBytes)
    {
        _scratch = scratch;
        _maxPacketBytes = maxPacketBytes;
        _rest = buffer;
        _span = buffer.FirstSpan;
    }

    /// <summary>The position after the last packet returned.</summary>
    public readonly SequencePosition Consumed => _rest.GetPosition(_offset);

    /// <summary>Returns the next packet. Its body is valid until the next call. A packet that is too large is refused by its header
    /// alone.</summary>
    public HeaderStatus TryNext(out byte first, out ReadOnlySpan<byte> body, out Fault fault)
    {
        ReadOnlySpan<byte> data = _span[_offset..];
        HeaderStatus status = FixedHeader.TryRead(data, out FixedHeader header, out fault);
        if (status == HeaderStatus.Complete && header.PacketLength <= data.Length && header.PacketLength <= _maxPacketBytes)
        {
            first = header.First;
            body = data.Slice(header.HeaderLength, header.RemainingLength);
            _undoOffset = _offset;
            _undoAcross = false;
            _offset += header.PacketLength;
            return HeaderStatus.Complete;
        }

        if (status == HeaderStatus.Refused)
        {
            first = 0;
            body = default;
            return status;
        }

        return TryNextAcross(out first, out body, out fault);
    }

    /// <summary>Moves back before the last packet, so that <see cref="TryNext"/> returns it again.</summary>
    public void Undo()
    {
        if (_undoAcross)
        {
            _rest = _undoRest;
            _span = _rest.FirstSpan;
            _undoAcross = false;
        }

        _offset = _undoOffset;
    }

    private HeaderStatus TryNextAcross(out byte first, out ReadOnlySpan<byte> body, out Fault fault)
    {
        first = 0;
        body = default;
        ReadOnlySequence<byte> data = _rest.Slice(_offset);
        Span<byte> start = stackalloc byte[FixedHeader.MaxLength];
        int startLength = (int)Math.Min(data.Length, start.Length);
        data.Slice(0, startLength).CopyTo(start);
        HeaderStatus status = FixedHeader.TryRead(start[..startLength], out FixedHeader header, out fault);
        if (status != HeaderStatus.Complete)
        {
            return status;
        }

        if (header.PacketLength > _maxPacketBytes)
        {
            fault = Fault.Of(MqttReasonCode.PacketTooLarge, "a packet is larger than Maximum Packet Size [MQTT-3.2.2-15]");
            return HeaderStatus.Refused;
        }

        if (data.Length < header.PacketLength)
        {
            return HeaderStatus.Incomplete;
        }

        Span<byte> copy = _scratch.Take(header.RemainingLength);
        data.Slice(header.HeaderLength, header.RemainingLength).CopyTo(copy);
        _undoRest = _rest;
        _undoOffset = _offset;
        _undoAcross = true;
        _rest = data.Slice(header.PacketLength);
        _span = _rest.FirstSpan;
        _offset = 0;
        first = header.First;
        body = copy;
        return HeaderStatus.Complete;
    }
}
