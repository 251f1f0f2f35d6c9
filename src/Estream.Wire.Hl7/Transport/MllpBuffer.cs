using System.Buffers;

namespace Estream.Wire.Hl7.Transport;

/// <summary>
/// Collects received bytes and finds the frames of MLLP in them (HL7 v2, Implementation Guide, "Minimal Lower Layer Protocol", release 1):
/// 0B, the message, 1C 0D. Each byte is scanned once, however the bytes arrive. Line ends and blanks between frames are skipped. Not
/// thread-safe.
/// </summary>
internal sealed class MllpBuffer(int maxMessageBytes, ByteBudget? budget = null) : IDisposable
{
    /// <summary>Begins a frame.</summary>
    public const byte Start = 0x0B;

    /// <summary>Ends a message; 0D follows.</summary>
    public const byte End = 0x1C;

    private const int InitialBytes = 8 * 1024;
    private const int KeptBytes = 64 * 1024;

    /// <summary>The bytes of a frame that are not of its message.</summary>
    private const int Framing = 3;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private long _counted;
    private int _begin;
    private int _end;
    private int _scanned;

    /// <summary>Whether the first bytes of a frame have arrived and its end has not.</summary>
    public bool IsInFrame => _end > _begin;

    /// <summary>The space for the next bytes to receive; never empty.</summary>
    public Memory<byte> Space()
    {
        if (_begin == _end)
        {
            Reset();
        }

        if (_end == _bytes.Length)
        {
            if (_begin > 0)
            {
                _bytes.AsSpan(_begin, _end - _begin).CopyTo(_bytes);
                _end -= _begin;
                _scanned -= _begin;
                _begin = 0;
            }

            if (_end > _bytes.Length / 2)
            {
                Resize((int)Math.Min(2L * _bytes.Length, (long)maxMessageBytes + Framing + 1));
            }
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Adds received bytes.</summary>
    /// <param name="count">How many bytes were written to <see cref="Space"/>.</param>
    public void Add(int count) => _end += count;

    /// <summary>Takes the next complete frame.</summary>
    /// <param name="message">The message in the frame; valid until the next <see cref="Space"/>.</param>
    public MllpStatus TryTake(out ReadOnlyMemory<byte> message)
    {
        message = default;
        while (_begin < _end && _bytes[_begin] is (byte)'\r' or (byte)'\n' or (byte)' ')
        {
            _begin++;
        }

        _scanned = Math.Max(_scanned, _begin);
        if (_begin == _end)
        {
            return MllpStatus.Incomplete;
        }

        if (_bytes[_begin] != Start)
        {
            return MllpStatus.NoStart;
        }

        _scanned = Math.Max(_scanned, _begin + 1);
        while (true)
        {
            int found = _bytes.AsSpan(_scanned, _end - _scanned).IndexOfAny(Start, End);
            if (found < 0)
            {
                _scanned = _end;
                return _end - _begin - 1 > maxMessageBytes ? MllpStatus.TooLong : MllpStatus.Incomplete;
            }

            int at = _scanned + found;
            if (at - _begin - 1 > maxMessageBytes)
            {
                return MllpStatus.TooLong;
            }

            if (_bytes[at] == Start)
            {
                return MllpStatus.StartInside;
            }

            if (at + 1 == _end)
            {
                _scanned = at;
                return MllpStatus.Incomplete;
            }

            if (_bytes[at + 1] == (byte)'\r')
            {
                message = _bytes.AsMemory(_begin + 1, at - _begin - 1);
                _begin = at + 2;
                _scanned = _begin;
                return MllpStatus.Frame;
            }

            _scanned = at + 1;
        }
    }

    /// <summary>Overwrites the bytes, which are private, and returns the buffer.</summary>
    public void Dispose()
    {
        budget?.Resize(ref _counted, 0);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
        _begin = _end = _scanned = 0;
    }

    private void Reset()
    {
        _begin = _end = _scanned = 0;
        if (_bytes.Length > KeptBytes)
        {
            Resize(InitialBytes);
        }
    }

    private void Resize(int length)
    {
        if (length <= _end)
        {
            return;
        }

        budget?.Resize(ref _counted, length);
        byte[] other = ArrayPool<byte>.Shared.Rent(length);
        _bytes.AsSpan(0, _end).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = other;
    }
}

/// <summary>The outcome of looking for a frame.</summary>
internal enum MllpStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>A frame was taken.</summary>
    Frame,

    /// <summary>A byte between frames is not 0B.</summary>
    NoStart,

    /// <summary>A frame begins inside a frame.</summary>
    StartInside,

    /// <summary>A message is longer than the limit.</summary>
    TooLong,
}
