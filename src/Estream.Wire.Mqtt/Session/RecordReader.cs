using System.Buffers.Binary;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>Reads records that a <see cref="RecordWriter"/> has written. The map verifies every byte, so a truncated record is a
/// bug.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private ReadOnlySpan<byte> _rest = record;

    public byte ReadByte()
    {
        return Take(1)[0];
    }

    public bool ReadFlag()
    {
        return ReadByte() != 0;
    }

    public ushort ReadUInt16()
    {
        return BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));
    }

    public uint ReadUInt32()
    {
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
    }

    public int ReadInt32()
    {
        return BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));
    }

    public long ReadInt64()
    {
        return BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));
    }

    public byte[] ReadBytes()
    {
        return ReadBytes(ReadInt32());
    }

    public byte[] ReadBytes(int count)
    {
        return Take(count).ToArray();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
