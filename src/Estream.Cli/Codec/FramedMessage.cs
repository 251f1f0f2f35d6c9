using System.Buffers;
using System.Buffers.Binary;
using Estream.Cli.Output;

namespace Estream.Cli.Codec;

/// <summary>Writes messages in a framing.</summary>
internal static class FramedMessage
{
    /// <summary>Writes a message.</summary>
    public static void Write(ChunkWriter output, Framing framing, ReadOnlySpan<byte> message)
    {
        if (framing == Framing.Length)
        {
            BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(uint)), message.Length);
            output.Advance(sizeof(uint));
        }

        output.Write(message);
    }
}

/// <summary>The framing of messages in a stream of bytes.</summary>
internal enum Framing
{
    /// <summary>The whole stream is one message.</summary>
    None,

    /// <summary>Any number of messages, each preceded by its length: four bytes, little-endian.</summary>
    Length,
}
