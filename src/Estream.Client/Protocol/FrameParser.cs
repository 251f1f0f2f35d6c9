using System.Buffers;
using System.Buffers.Binary;

namespace Estream.Client.Protocol;

/// <summary>The header of a frame. A response has the id and operation of its request.</summary>
internal readonly record struct FrameHeader(ClientOp Op, ClientStatus Status, uint Id);

/// <summary>The result of reading a frame from received bytes.</summary>
internal enum FrameResult
{
    Complete,
    Incomplete,

    /// <summary>The bytes are not a frame, or it is longer than allowed. Close the connection.</summary>
    Invalid,
}

/// <summary>Splits received bytes into frames; see docs/formats/client.md.</summary>
internal static class FrameParser
{
    /// <summary>The length of the header in bytes, including the length field.</summary>
    public const int HeaderBytes = 12;

    /// <summary>The bytes of the header that the length field counts.</summary>
    public const int CountedBytes = HeaderBytes - sizeof(int);

    /// <summary>The maximum length of the Hello frame, which an unknown peer may send.</summary>
    public const int MaxHelloBytes = 8 * 1024;

    /// <summary>Reads one frame from the start of a buffer, and removes it from the buffer.</summary>
    /// <param name="buffer">The received bytes. Unchanged unless the result is Complete.</param>
    /// <param name="maxFrameBytes">The maximum length of a frame with its header.</param>
    /// <param name="header">The header.</param>
    /// <param name="payload">The bytes after the header, valid as long as the buffer is.</param>
    public static FrameResult TryRead(
        ref ReadOnlySequence<byte> buffer, int maxFrameBytes, out FrameHeader header, out ReadOnlySequence<byte> payload)
    {
        header = default;
        payload = default;
        if (buffer.Length < HeaderBytes)
        {
            return FrameResult.Incomplete;
        }

        Span<byte> bytes = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(bytes);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length < CountedBytes || length > (uint)(maxFrameBytes - sizeof(int)) || !Enum.IsDefined((ClientOp)bytes[4])
            || bytes[5] > (byte)ClientStatus.ProtocolError || bytes[6] != 0 || bytes[7] != 0)
        {
            return FrameResult.Invalid;
        }

        long total = length + sizeof(int);
        if (buffer.Length < total)
        {
            return FrameResult.Incomplete;
        }

        header = new FrameHeader((ClientOp)bytes[4], (ClientStatus)bytes[5], BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
        payload = buffer.Slice(HeaderBytes, total - HeaderBytes);
        buffer = buffer.Slice(total);
        return FrameResult.Complete;
    }

    /// <summary>Writes a header in front of a payload.</summary>
    public static void WriteHeader(Span<byte> destination, FrameHeader header, int payloadBytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, CountedBytes + payloadBytes);
        destination[4] = (byte)header.Op;
        destination[5] = (byte)header.Status;
        destination[6] = 0;
        destination[7] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], header.Id);
    }
}
