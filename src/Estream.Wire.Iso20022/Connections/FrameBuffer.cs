using System.Buffers;
using System.Buffers.Binary;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>The state of the next frame of a <see cref="FrameBuffer"/>.</summary>
internal enum FrameStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>A frame is complete.</summary>
    Frame,

    /// <summary>The length of the frame is 0 or negative.</summary>
    Invalid,

    /// <summary>The frame is longer than the limit.</summary>
    TooLong,
}

/// <summary>Collects received bytes and splits them into frames. A frame is a length of four bytes, big-endian, which does not count
/// itself, and a message of that length. The buffer grows with the bytes that arrive, so a length alone allocates nothing. Not
/// thread-safe.</summary>
/// <param name="maxMessageBytes">The maximum length of a message.</param>
/// <param name="budget">Limits the buffers of all connections; null for no limit.</param>
internal sealed class FrameBuffer(int maxMessageBytes, ByteBudget? budget = null) : IDisposable
{
    /// <summary>The bytes of the length.</summary>
    public const int PrefixBytes = sizeof(int);

    private const int InitialBytes = 8 * 1024;
    private const int KeptBytes = 64 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private long _counted;
    private int _begin;
    private int _end;

    /// <summary>Whether the first bytes of a frame have arrived.</summary>
    public bool IsInFrame => _end > _begin;

    /// <summary>The state of the next frame.</summary>
    public FrameStatus Next
    {
        get
        {
            int count = _end - _begin;
            if (count < PrefixBytes)
            {
                return FrameStatus.Incomplete;
            }

            int length = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_begin));
            return length <= 0 ? FrameStatus.Invalid
                : length > maxMessageBytes ? FrameStatus.TooLong
                : length > count - PrefixBytes ? FrameStatus.Incomplete
                : FrameStatus.Frame;
        }
    }

    /// <summary>The space for the next bytes to receive; never empty. Take all complete frames first.</summary>
    public Memory<byte> Space()
    {
        if (_begin == _end)
        {
            Reset();
        }

        if (_end == _bytes.Length)
        {
            _bytes.AsSpan(_begin, _end - _begin).CopyTo(_bytes);
            _end -= _begin;
            _begin = 0;
            if (_end > _bytes.Length / 2)
            {
                Resize((int)Math.Min(2L * _bytes.Length, (long)maxMessageBytes + PrefixBytes));
            }
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Adds received bytes.</summary>
    /// <param name="count">How many bytes were written to <see cref="Space"/>.</param>
    public void Add(int count) => _end += count;

    /// <summary>Takes the next frame, which must be complete.</summary>
    /// <returns>The message; valid until the next <see cref="Space"/>.</returns>
    public ReadOnlyMemory<byte> Take()
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_begin));
        ReadOnlyMemory<byte> message = _bytes.AsMemory(_begin + PrefixBytes, length);
        _begin += PrefixBytes + length;
        return message;
    }

    /// <summary>Overwrites the bytes, which may be private, and returns the buffer to its pool.</summary>
    public void Dispose()
    {
        budget?.Resize(ref _counted, 0);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
        _begin = _end = 0;
    }

    private void Reset()
    {
        _begin = _end = 0;
        if (_bytes.Length > KeptBytes)
        {
            Resize(InitialBytes);
        }
    }

    private void Resize(int length)
    {
        budget?.Resize(ref _counted, length);
        byte[] other = ArrayPool<byte>.Shared.Rent(length);
        _bytes.AsSpan(0, _end).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = other;
    }
}
