using System.Buffers.Binary;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>The kinds of messages of a connection (Part 6, 7.1.2.2): three letters, read as a little-endian integer.</summary>
internal enum ChunkKind
{
    Hello = 'H' | ('E' << 8) | ('L' << 16),
    Acknowledge = 'A' | ('C' << 8) | ('K' << 16),
    Error = 'E' | ('R' << 8) | ('R' << 16),
    Open = 'O' | ('P' << 8) | ('N' << 16),
    Message = 'M' | ('S' << 8) | ('G' << 16),
    Close = 'C' | ('L' << 8) | ('O' << 16),
}

/// <summary>The first 8 bytes of each chunk: kind, F (final), C (intermediate) or A (abort), and the length of the chunk.</summary>
internal readonly record struct ChunkHeader(ChunkKind Kind, byte Final, int Length)
{
    public const int Bytes = 8;
    public const byte IsFinal = (byte)'F';
    public const byte IsIntermediate = (byte)'C';
    public const byte IsAbort = (byte)'A';

    public static ChunkHeader Read(ReadOnlySpan<byte> bytes)
    {
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return new ChunkHeader(
            (ChunkKind)(first & 0xFF_FFFF), (byte)(first >> 24), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)Kind | ((uint)Final << 24));
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Length);
    }
}
