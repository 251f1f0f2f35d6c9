using System.Buffers.Binary;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>Writes records of the session store: little-endian numbers, and byte strings with a length prefix. Not thread-safe.</summary>
internal sealed class RecordWriter
{
    private const int FirstRoom = 1_024;
    private const int KeptBytes = 64 * 1024;

    private byte[] _buffer = new byte[FirstRoom];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Starts a record. Replaces the buffer if a long record has made it large.</summary>
    public void Begin()
    {
        _length = 0;
        if (_buffer.Length > KeptBytes)
        {
            _buffer = new byte[FirstRoom];
        }
    }

    public void WriteByte(byte value)
    {
        Take(1)[0] = value;
    }

    public void WriteFlag(bool value)
    {
        WriteByte(value ? (byte)1 : (byte)0);
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort)), value);
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);
    }

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);
    }

    /// <summary>Writes a part of a record without a length prefix.</summary>
    public void Write(ReadOnlySpan<byte> part)
    {
        part.CopyTo(Take(part.Length));
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteInt32(bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_length + count, (int)Math.Min(2L * _buffer.Length, Array.MaxLength)));
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
