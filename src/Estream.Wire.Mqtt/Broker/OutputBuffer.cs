using System.Buffers;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Collects packets for one write. Holds memory only while it contains packets. Not thread-safe.</summary>
internal sealed class OutputBuffer : IDisposable
{
    private const int Capacity = 64 * 1024;

    private byte[] _buffer = [];
    private int _length;

    public bool IsEmpty => _length == 0;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Reserves space for a packet. A packet that is longer than the buffer is written alone.</summary>
    /// <returns>False if the collected packets must be sent first.</returns>
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

    /// <summary>Removes the packets after they were sent. Frees the memory of a long packet.</summary>
    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > 2 * Capacity)
        {
            Dispose();
        }
    }

    /// <summary>Returns the memory to the pool. The buffer can be used again.</summary>
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
