using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Codec;

public class SohBitsTests
{
    [Fact]
    public void Every_place_of_every_block_has_its_bit()
    {
        for (int length = 1; length <= 3 * SohBits.BlockLength; length++)
        {
            for (int place = 0; place < length; place++)
            {
                byte[] message = new byte[length];
                message[place] = FixText.Soh;
                for (int block = 0; block < length; block += SohBits.BlockLength)
                {
                    ulong expected = place / SohBits.BlockLength == block / SohBits.BlockLength ? 1UL << (place % SohBits.BlockLength) : 0;
                    Assert.Equal(expected, SohBits.Of(message, block));
                }
            }
        }
    }

    [Fact]
    public void Other_bytes_have_none()
    {
        for (int value = 0; value < 256; value++)
        {
            byte[] message = new byte[100];
            message.AsSpan().Fill((byte)value);

            Assert.Equal(value == FixText.Soh ? ulong.MaxValue : 0, SohBits.Of(message, 0));
            Assert.Equal(value == FixText.Soh ? (1UL << 36) - 1 : 0, SohBits.Of(message, SohBits.BlockLength));
        }
    }
}
