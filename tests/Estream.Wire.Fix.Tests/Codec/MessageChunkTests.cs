using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Codec;

public class MessageChunkTests
{
    [Fact]
    public void WordsAt_reads_four_bytes_at_every_offset_of_a_message_of_any_length()
    {
        if (!MessageChunk.IsSupported)
        {
            // No code uses MessageChunk on a processor that does not support it.
            return;
        }

        byte[] bytes = new byte[2 * SohPlaces.ChunkLength];
        new Random(7).NextBytes(bytes);
        for (int length = Vector512<byte>.Count; length <= bytes.Length; length++)
        {
            ReadOnlySpan<byte> message = bytes.AsSpan(0, length);
            for (int chunk = 0; chunk < length; chunk += SohPlaces.ChunkLength)
            {
                MessageChunk words = new(message, chunk);
                int last = Math.Min(length - chunk, SohPlaces.ChunkLength) - sizeof(uint);
                for (int offset = 0; offset <= last; offset += Vector512<uint>.Count)
                {
                    Vector512<uint> offsets = Vector512.Min(
                        Vector512<uint>.Indices + Vector512.Create((uint)offset), Vector512.Create((uint)last));
                    Vector512<uint> found = words.WordsAt(offsets);
                    for (int place = 0; place < Vector512<uint>.Count; place++)
                    {
                        ReadOnlySpan<byte> expected = message[(chunk + (int)offsets[place])..];
                        Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(expected), found[place]);
                    }
                }
            }
        }
    }
}
