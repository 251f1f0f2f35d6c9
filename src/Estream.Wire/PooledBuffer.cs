using System.Buffers;

namespace Estream.Wire;

/// <summary>A growing buffer from the shared array pool. Not thread-safe.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int SmallestBytes = 256;

    private byte[] _buffer = [];
    private int _length;

    /// <summary>The size of the buffer in bytes.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>The written bytes; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Clears the buffer and overwrites its content, which may be private.</summary>
    public void Clear()
    {
        _buffer.AsSpan(0, _length).Clear();
        _length = 0;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _length), nameof(count));
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsSpan(_length);
    }

    /// <summary>Clears the buffer and returns its memory to the pool. The buffer can be used again.</summary>
    public void Dispose()
    {
        Clear();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void Ensure(int room)
    {
        int needed = checked(_length + Math.Max(room, 1));
        if (needed <= _buffer.Length)
        {
            return;
        }

        byte[] larger =
            ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBytes, (int)Math.Max(needed, Math.Min(2L * _buffer.Length, Array.MaxLength))));
        Written.CopyTo(larger);
        int length = _length;
        Dispose();
        _buffer = larger;
        _length = length;
    }
}
