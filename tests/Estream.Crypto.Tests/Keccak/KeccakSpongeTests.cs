using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests.Keccak;

/// <summary>Tests that a sponge's output does not depend on the sizes of the absorbed and squeezed pieces. Compares the output with the
/// platform's if the platform supports the function.</summary>
public sealed class KeccakSpongeTests
{
    [Fact]
    public void Absorb_throws_after_Squeeze()
    {
        Assert.Throws<InvalidOperationException>(() =>
        {
            KeccakSponge sponge = KeccakSponge.Sha3_256();
            sponge.Squeeze(new byte[1]);
            sponge.Absorb([1]);
        });
    }

    [Fact]
    public void Clear_erases_the_absorbed_data()
    {
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb("a secret of some bytes"u8);
        sponge.Clear();
        var output = new byte[8];
        sponge.Squeeze(output);
        KeccakSponge empty = KeccakSponge.Shake256();
        empty.Absorb(new byte["a secret of some bytes".Length]);
        var expected = new byte[8];
        empty.Squeeze(expected);
        Assert.Equal(expected, output);
    }

    [Property(300, 20_000, Arbitrary = [typeof(Cases)])]
    public void Absorbing_and_squeezing_in_pieces_gives_the_output_of_the_whole(HashPieces c)
    {
        KeccakSponge whole = KeccakSponge.Shake128();
        whole.Absorb(c.Message);
        var expected = new byte[c.Out.Sum()];
        whole.Squeeze(expected);

        KeccakSponge pieces = KeccakSponge.Shake128();
        int at = 0;
        foreach (int length in c.In)
        {
            int end = Math.Min(c.Message.Length, at + length);
            pieces.Absorb(c.Message.AsSpan(at..end));
            at = end;
        }

        pieces.Absorb(c.Message.AsSpan(at));
        var actual = new byte[expected.Length];
        at = 0;
        foreach (int length in c.Out)
        {
            pieces.Squeeze(actual.AsSpan(at, length));
            at += length;
        }

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void The_output_equals_that_of_the_platform_if_it_supports_the_functions()
    {
        // Without platform support, only the known answers remain for comparison.
        for (int length = 0; SHA3_256.IsSupported && Shake128.IsSupported && length < 600; length++)
        {
            var message = new byte[length];
            new Random(length).NextBytes(message);
            Assert.Equal(SHA3_256.HashData(message), Output(KeccakSponge.Sha3_256(), message, 32));
            Assert.Equal(SHA3_512.HashData(message), Output(KeccakSponge.Sha3_512(), message, 64));
            Assert.Equal(Shake128.HashData(message, 400), Output(KeccakSponge.Shake128(), message, 400));
            Assert.Equal(Shake256.HashData(message, 400), Output(KeccakSponge.Shake256(), message, 400));
        }
    }

    /// <summary>If the processor supports the kernel for long messages, this kernel absorbs long messages, but never single
    /// bytes.</summary>
    [Fact]
    public void A_long_message_gives_the_same_output_as_byte_by_byte()
    {
        for (int length = 4_000; length < 6_000; length += 13)
        {
            var message = new byte[length];
            new Random(length).NextBytes(message);
            KeccakSponge slow = KeccakSponge.Sha3_256();
            foreach (byte one in message)
            {
                slow.Absorb([one]);
            }

            var expected = new byte[32];
            slow.Squeeze(expected);
            Assert.Equal(expected, Output(KeccakSponge.Sha3_256(), message, 32));
        }
    }

    private static byte[] Output(KeccakSponge sponge, byte[] message, int length)
    {
        var output = new byte[length];
        sponge.Absorb(message);
        sponge.Squeeze(output);
        return output;
    }

    /// <summary>A message, and the lengths of the pieces in which it is absorbed and output is squeezed.</summary>
    public sealed record HashPieces(byte[] Message, int[] In, int[] Out)
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"message {Convert.ToHexString(Message)}, in {string.Join(' ', In)}, out {string.Join(' ', Out)}";
    }

    /// <summary>Messages that span several blocks.</summary>
    public static class Cases
    {
        /// <summary>Up to 700 bytes, absorbed in nine pieces and squeezed in four.</summary>
        public static Arbitrary<HashPieces> All() =>
            (from message in Gen.Choose(0, 700).SelectMany(Keys.BytesOf)
             from pieces in Gen.Choose(1, 200).ArrayOf(8)
             from drawn in Gen.Choose(1, 200).ArrayOf(4)
             select new HashPieces(message, pieces, drawn)).ToArbitrary();
    }
}
