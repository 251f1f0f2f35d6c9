using System.Buffers;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Packets for a subscriber, collected for one write. Holds memory only while there is something in it. Not thread-safe.</summary>
internal sealed class OutputBuffer : IDisposable
{
    private const int Capacity = 64 * 1024;

    private byte[] _buffer = [];
    private int _length;

    public bool IsEmpty => _length == 0;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Room for a packet of this length; a packet that is longer than the buffer is written alone.</summary>
    /// <returns>False when what is in here has to go first.</returns>
    public bool TryReserve(int length, out Span<byte> room)
    {
        room = default;
        if (_length > 0 && _length + length > Capacity)
        {
            return false;
        }

        if (_buffer.Length < _length + length)
        {
            Dispose();
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(Capacity, length));
        }

        room = _buffer.AsSpan(_length, length);
        return true;
    }

    public void Advance(int length)
    {
        _length += length;
    }

    /// <summary>What was written is sent; the memory of a long packet is given back.</summary>
    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > 2 * Capacity)
        {
            Dispose();
        }
    }

    /// <summary>Gives the memory back; it can be written to again.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
        }
    }
}
