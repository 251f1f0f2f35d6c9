using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Tests.Keccak;

/// <summary>Compares every kernel for a single state with the steps of FIPS 202 applied one by one.</summary>
public sealed class KeccakKernelTests
{
    private const int Side = 5;

    public static TheoryData<int> Kernels =>
        [.. new[] { KeccakKernel.Scalar, KeccakKernel.OneLane, KeccakKernel.Planes }.Where(KeccakKernels.IsSupported)
            .Select(kernel => (int)kernel)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Random_states_are_permuted_as_the_standard_says(int kernel)
    {
        Random random = new(kernel);
        for (int round = 0; round < 300; round++)
        {
            ulong[] state = round == 0 ? new ulong[Permutation.Words] : RandomState(random);
            ulong[] expected = Expected(state);
            Permute((KeccakKernel)kernel, state);
            Assert.Equal(expected, state);
        }
    }

    /// <summary>With a single bit set, a difference shows which word a kernel has lost or used twice.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_single_bit_state_is_permuted_as_the_standard_says(int kernel)
    {
        for (int bit = 0; bit < Permutation.Words * 64; bit++)
        {
            ulong[] state = new ulong[Permutation.Words];
            state[bit / 64] = 1UL << (bit % 64);
            ulong[] expected = Expected(state);
            Permute((KeccakKernel)kernel, state);
            Assert.Equal(expected, state);
        }
    }

    [Fact]
    public void Absorbing_several_blocks_equals_absorbing_them_one_by_one()
    {
        Random random = new(1);
        for (int blocks = 1; blocks < 20; blocks++)
        {
            byte[] message = new byte[blocks * KeccakRate.Sha3_256];
            random.NextBytes(message);
            ulong[] expected = RandomState(random), state = [.. expected];
            for (int at = 0; at < message.Length; at += sizeof(ulong))
            {
                int word = at % KeccakRate.Sha3_256 / sizeof(ulong);
                expected[word] ^= BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
                expected = word == (KeccakRate.Sha3_256 / sizeof(ulong)) - 1 ? Expected(expected) : expected;
            }

            Absorb(state, message);
            Assert.Equal(expected, state);
        }
    }

    // Absorbs like the sponge without AVX-512: with a permutation after each block.
    private static void Absorb(ulong[] state, byte[] message)
    {
        if (KeccakKernels.IsSupported(KeccakKernel.Planes))
        {
            PlanePermutation.Absorb(state, message);
            return;
        }

        for (int at = 0; at < message.Length; at += sizeof(ulong))
        {
            int word = at % KeccakRate.Sha3_256 / sizeof(ulong);
            state[word] ^= BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
            if (word == (KeccakRate.Sha3_256 / sizeof(ulong)) - 1)
            {
                Permute(KeccakKernels.BestOfOne, state);
            }
        }
    }

    private static void Permute(KeccakKernel kernel, ulong[] state)
    {
        switch (kernel)
        {
            case KeccakKernel.Planes:
                PlanePermutation.Absorb(state, new byte[PlanePermutation.RateBytes]);
                break;
            case KeccakKernel.OneLane:
                Permutation.Run<Vector128<ulong>, OneLane>(state, 1);
                break;
            default:
                ScalarPermutation.Run(state, 1);
                break;
        }
    }

    private static ulong[] RandomState(Random random) =>
        [.. Enumerable.Range(0, Permutation.Words).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];

    // FIPS 202, algorithms 1 to 5, and 6 with constants computed by the register of algorithm 5.
    private static ulong[] Expected(ulong[] state)
    {
        ulong[] a = [.. state];
        int register = 1;
        for (int round = 0; round < 24; round++)
        {
            a = Chi(PiOfRho(Theta(a)));
            for (int power = 0; power <= 6; power++)
            {
                a[0] ^= (ulong)(register & 1) << ((1 << power) - 1);
                register = (register << 1) ^ ((register >> 7) * 0x171);
            }
        }

        return a;
    }

    private static ulong[] Theta(ulong[] a)
    {
        ulong[] c = [.. Enumerable.Range(0, Side).Select(x => a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20])];
        return [.. a.Select((word, at) => word ^ c[(at + 4) % Side] ^ BitOperations.RotateLeft(c[(at + 1) % Side], 1))];
    }

    private static ulong[] PiOfRho(ulong[] a)
    {
        ulong[] b = new ulong[a.Length];
        b[0] = a[0];
        int x = 1, y = 0;
        for (int t = 0; t < 24; t++)
        {
            int row = ((2 * x) + (3 * y)) % Side;
            b[y + (Side * row)] = BitOperations.RotateLeft(a[x + (Side * y)], (t + 1) * (t + 2) / 2 % 64);
            (x, y) = (y, row);
        }

        return b;
    }

    private static ulong[] Chi(ulong[] b) =>
        [.. b.Select((word, at) => word ^ (~b[(at / Side * Side) + ((at + 1) % Side)] & b[(at / Side * Side) + ((at + 2) % Side)]))];
}
