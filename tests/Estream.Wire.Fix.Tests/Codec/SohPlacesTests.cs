using System.Runtime.Intrinsics;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Codec;

public class SohPlacesTests
{
    [Fact]
    public void Find_finds_a_SOH_at_any_offset()
    {
        for (int length = 1; length <= (2 * SohPlaces.ChunkLength) + 1; length += length < 200 ? 1 : 13)
        {
            for (int place = 0; place < length; place++)
            {
                byte[] message = new byte[length];
                message[place] = FixText.Soh;
                Assert.Equal([place], Places(message));
            }
        }
    }

    [Fact]
    public void Find_finds_every_byte_of_a_message_of_SOH_only()
    {
        for (int length = 1; length <= (2 * SohPlaces.ChunkLength) + 1; length++)
        {
            byte[] message = new byte[length];
            message.AsSpan().Fill(FixText.Soh);
            Assert.Equal(Enumerable.Range(0, length), Places(message));
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    public void Find_finds_more_or_fewer_than_eight_consecutive_SOH(int count)
    {
        for (int first = 0; first < 300; first++)
        {
            // The message has several SOH bytes in a row, and one SOH byte far after them.
            byte[] message = new byte[400];
            message.AsSpan(first, count).Fill(FixText.Soh);
            message[399] = FixText.Soh;
            Assert.Equal([.. Enumerable.Range(first, count), 399], Places(message));
        }
    }

    [Fact]
    public void Find_ignores_other_bytes()
    {
        for (int value = 0; value < 256; value++)
        {
            byte[] message = new byte[100];
            message.AsSpan().Fill((byte)value);
            Assert.Equal(value == FixText.Soh ? 100 : 0, Places(message).Length);
        }
    }

    private static int[] Places(byte[] message)
    {
        List<int> all = [];
        byte[] places = new byte[SohPlaces.MaxPlaces];
        for (int chunk = 0; chunk < message.Length; chunk += SohPlaces.ChunkLength)
        {
            int count = SohPlaces.Find(message, chunk, places);
            if (MessageChunk.IsSupported && message.Length >= Vector512<byte>.Count)
            {
                AssertChunkHasEnds(places[..count], new MessageChunk(message, chunk));
            }

            all.AddRange(places[..count].Select(place => chunk + place));
        }

        return [.. all];
    }

    private static void AssertChunkHasEnds(byte[] expected, MessageChunk chunk)
    {
        byte[] places = new byte[SohPlaces.MaxPlaces];
        Assert.Equal(expected, places[..chunk.FindEnds(places, out Vector512<byte> first)]);
        byte[] kept = new byte[Vector512<byte>.Count];
        first.CopyTo(kept);
        Assert.Equal(expected.Length <= kept.Length ? expected : kept, kept[..Math.Min(expected.Length, kept.Length)]);
    }
}
