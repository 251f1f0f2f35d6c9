using System.Buffers.Binary;

namespace Estream.Wire.Tools.Recording;

/// <summary>An event on a connection.</summary>
internal enum WireChunkKind : byte
{
    /// <summary>The connection was opened.</summary>
    Open = 1,

    /// <summary>Bytes were sent.</summary>
    Data = 2,

    /// <summary>One side ended its stream.</summary>
    End = 3,

    /// <summary>The connection was reset.</summary>
    Reset = 4,
}

/// <summary>The side of an event.</summary>
internal enum WireSide : byte
{
    /// <summary>The client.</summary>
    Client = 0,

    /// <summary>The server.</summary>
    Server = 1,
}

/// <summary>The header of a message of a recording, followed by the sent bytes. Format: docs/guides/operating/recording.md.</summary>
internal readonly record struct WireChunk(WireChunkKind Kind, WireSide From, int Connection, long Nanos)
{
    /// <summary>The length of the header in bytes.</summary>
    public const int HeadBytes = 16;

    private const byte Version = 1;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Kind;
        destination[2] = (byte)From;
        destination[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Connection);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], Nanos);
    }

    /// <summary>Reads the header of a message.</summary>
    /// <returns>False if the message is not from a recording.</returns>
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
