using System.Buffers.Binary;
using System.Text;

namespace Estream.Client.Protocol;

/// <summary>Builds one frame in a buffer that is used again for the next. Not thread-safe.</summary>
internal sealed class FrameBuilder
{
    private const int KeptBytes = 512 << 10;

    private byte[] _bytes = new byte[256];
    private int _length = FrameParser.HeaderBytes;

    /// <summary>The length of the frame so far, with its header.</summary>
    public int Length => _length;

    /// <summary>Begins the next frame.</summary>
    public FrameBuilder Begin()
    {
        if (_bytes.Length > KeptBytes && _length <= KeptBytes)
        {
            // A long frame was an exception.
            _bytes = new byte[256];
        }

        _length = FrameParser.HeaderBytes;
        return this;
    }

    public FrameBuilder Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    public FrameBuilder UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(sizeof(ushort)), checked((ushort)value));
        return this;
    }

    public FrameBuilder UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);
        return this;
    }

    public FrameBuilder Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), value);
        return this;
    }

    public FrameBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    /// <summary>Adds UTF-8 with a length of two bytes before it.</summary>
    public FrameBuilder Text(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        UInt16(length);
        Encoding.UTF8.GetBytes(text, Reserve(length));
        return this;
    }

    /// <summary>Adds bytes with a length of two bytes before them.</summary>
    public FrameBuilder ShortBytes(ReadOnlySpan<byte> bytes) => UInt16(bytes.Length).Raw(bytes);

    /// <summary>Adds bytes with a length of four bytes before them.</summary>
    public FrameBuilder LongBytes(ReadOnlySpan<byte> bytes) => UInt32((uint)bytes.Length).Raw(bytes);

    /// <summary>Returns space for bytes that the caller writes.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_length + count, 2 * _bytes.Length));
        }

        Span<byte> space = _bytes.AsSpan(_length, count);
        _length += count;
        return space;
    }

    /// <summary>Changes the first byte of the payload.</summary>
    public void SetFirst(byte value) => _bytes[FrameParser.HeaderBytes] = value;

    /// <summary>Writes the header and returns the frame, which is valid until the next call of <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> End(ClientOp op, uint id, ClientStatus status = ClientStatus.Ok)
    {
        FrameParser.WriteHeader(_bytes, new FrameHeader(op, status, id), _length - FrameParser.HeaderBytes);
        return _bytes.AsSpan(0, _length);
    }
}
