using Estream.Client.Protocol;

namespace Estream.Client.Queues;

/// <summary>Splits a frame into messages.</summary>
internal static class MessageFrame
{
    /// <summary>The bytes of a message before its payload.</summary>
    public const int HeaderBytes = (3 * sizeof(long)) + sizeof(int);

    /// <summary>Reads the message at an offset, and advances the offset past the message.</summary>
    /// <exception cref="EstreamClientException">The message does not fit in the frame.</exception>
    public static RemoteMessage Next(byte[] frame, ref int offset)
    {
        PayloadReader reader = new(frame.AsSpan(offset));
        long position = reader.Int64();
        long sequence = reader.Int64();
        long time = reader.Int64();
        int length = reader.LongBytes().Length;
        if (!reader.IsValid)
        {
            throw new EstreamClientException("The host sent a damaged message. Update client or host.", ClientStatus.ProtocolError);
        }

        ReadOnlyMemory<byte> payload = frame.AsMemory(offset + HeaderBytes, length);
        offset += HeaderBytes + length;
        return new RemoteMessage(position, sequence, time, payload);
    }
}
