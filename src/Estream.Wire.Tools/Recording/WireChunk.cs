using System.Buffers.Binary;

namespace Estream.Wire.Tools.Recording;

/// <summary>What happened on a connection.</summary>
internal enum WireChunkKind : byte
{
    /// <summary>It was opened.</summary>
    Open = 1,

    /// <summary>Bytes were sent.</summary>
    Data = 2,

    /// <summary>One side sends no more.</summary>
    End = 3,

    /// <summary>It broke.</summary>
    Reset = 4,
}

/// <summary>Who did it.</summary>
internal enum WireSide : byte
{
    /// <summary>Who connected.</summary>
    Client = 0,

    /// <summary>Who was connected to.</summary>
    Server = 1,
}

/// <summary>The head of a message of a recording; the bytes that were sent follow it. docs/guides/recording.md has the table.</summary>
internal readonly record struct WireChunk(WireChunkKind Kind, WireSide From, int Connection, long Nanos)
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadBytes = 16;

    private const byte Version = 1;

    /// <summary>Writes the head.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Kind;
        destination[2] = (byte)From;
        destination[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Connection);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], Nanos);
    }

    /// <summary>Reads the head of a message.</summary>
    /// <returns>False when the message is none of a recording.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out WireChunk chunk)
    {
        chunk = default;
        if (message.Length < HeadBytes || message[0] != Version || message[1] is < 1 or > 4 || message[2] > 1 || message[3] != 0)
        {
            return false;
        }

        chunk = new WireChunk(
            (WireChunkKind)message[1],
            (WireSide)message[2],
            BinaryPrimitives.ReadInt32LittleEndian(message[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(message[8..]));
        return chunk.Connection > 0 && chunk.Nanos >= 0;
    }
}
