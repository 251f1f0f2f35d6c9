using System.Buffers;

namespace Estream.Wire;

/// <summary>A buffer for messages that span two segments of a pipe. Grows to the length of the largest such message until it is trimmed.
/// Not thread-safe.</summary>
internal sealed class FrameScratch : IDisposable
{
    private const int KeptBytes = 64 * 1024;

    private byte[] _buffer = [];

    /// <summary>The size of the buffer in bytes.</summary>
    public int Capacity => _buffer.Length;

    public Span<byte> Take(int length)
    {
        if (_buffer.Length < length)
        {
            Dispose();
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }

        return _buffer.AsSpan(0, length);
    }

    /// <summary>Returns a large buffer to the pool, so that one large message does not use memory for the lifetime of the
    /// connection.</summary>
    public void Trim()
    {
        if (_buffer.Length > KeptBytes)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
