using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Keccak;

/// <summary>Tests that each of eight parallel sponges equals a single sponge, with every kernel.</summary>
public sealed class KeccakX8Tests
{
    // All kernels but Planes, which holds a single state; KeccakKernelTests tests Planes.
    public static TheoryData<int> Kernels =>
        [.. Enum.GetValues<KeccakKernel>().Where(kernel => kernel != KeccakKernel.Planes && KeccakKernels.IsSupported(kernel))
            .Select(kernel => (int)kernel)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Each_lane_gives_the_output_of_a_single_sponge(int kernel)
    {
        for (int length = 0; length < 450; length++)
        {
            byte[][] messages = [.. Enumerable.Range(0, KeccakX8.Lanes).Select(lane => Message(length, lane))];
            byte[][] actual = Outputs((KeccakKernel)kernel, messages);
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                var expected = new byte[2 * KeccakRate.Shake128];
                KeccakSponge alone = KeccakSponge.Shake128();
                alone.Absorb(messages[lane]);
                alone.Squeeze(expected);
                Assert.Equal(expected, actual[lane]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Random_states_are_permuted_as_by_the_scalar_kernel(int kernel)
    {
        var random = new Random(kernel);
        for (int round = 0; round < 1_000; round++)
        {
            ulong[] words =
                [.. Enumerable.Range(0, KeccakX8.StateWords).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
            ulong[] expected = [.. words];
            new KeccakX8(words, KeccakRate.Sha3_256, KeccakRate.Sha3Suffix, (KeccakKernel)kernel).Permute();
            new KeccakX8(expected, KeccakRate.Sha3_256, KeccakRate.Sha3Suffix, KeccakKernel.Scalar).Permute();
            Assert.Equal(expected, words);
        }
    }

    private static byte[] Message(int length, int lane)
    {
        var message = new byte[length];
        new Random((length * KeccakX8.Lanes) + lane).NextBytes(message);
        return message;
    }

    private static byte[][] Outputs(KeccakKernel kernel, byte[][] messages)
    {
        var sponge = new KeccakX8(new ulong[KeccakX8.StateWords], KeccakRate.Shake128, KeccakRate.ShakeSuffix, kernel);
        int at = 0;
        for (; at + KeccakRate.Shake128 <= messages[0].Length; at += KeccakRate.Shake128)
        {
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                sponge.AbsorbBlock(lane, messages[lane].AsSpan(at));
            }

            sponge.Permute();
        }

        for (int lane = 0; lane < KeccakX8.Lanes; lane++)
        {
            sponge.AbsorbLast(lane, messages[lane].AsSpan(at));
        }

        byte[][] outputs = [.. messages.Select(_ => new byte[2 * KeccakRate.Shake128])];
        for (int block = 0; block < 2; block++)
        {
            sponge.Permute();
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                sponge.ReadBlock(lane, outputs[lane].AsSpan(block * KeccakRate.Shake128, KeccakRate.Shake128));
            }
        }

        return outputs;
    }
}
