using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>
/// Eight sponges of FIPS 202 that advance together: eight messages with the same number of blocks, and the same number of output blocks
/// from each. The interface is the same on every processor; how many states a permutation handles at once is chosen at run time.
/// </summary>
/// <remarks>
/// For each lane: call <see cref="AbsorbBlock"/> for whole blocks, each followed by <see cref="Permute"/>, and <see cref="AbsorbLast"/> for
/// the rest. Then call <see cref="Permute"/> and <see cref="ReadBlock"/> as often as output is needed. Unused lanes can be left alone.
/// Works on the caller's memory; the caller clears it after absorbing a secret. The time depends only on lengths.
/// </remarks>
internal readonly ref struct KeccakX8
{
    /// <summary>The number of sponges.</summary>
    public const int Lanes = 8;

    /// <summary>The size of the state in words.</summary>
    public const int StateWords = Permutation.Words * Lanes;

    private readonly Span<ulong> _state;
    private readonly int _rateBytes;
    private readonly byte _suffix;
    private readonly KeccakKernel _kernel;

    /// <summary>Initializes eight sponges.</summary>
    /// <param name="state"><see cref="StateWords"/> words, all zero.</param>
    /// <param name="rateBytes">The rate: a constant of <see cref="KeccakRate"/>.</param>
    /// <param name="suffix">The suffix that belongs to the rate.</param>
    public KeccakX8(Span<ulong> state, int rateBytes, byte suffix)
        : this(state, rateBytes, suffix, KeccakKernels.Best)
    {
    }

    internal KeccakX8(Span<ulong> state, int rateBytes, byte suffix, KeccakKernel kernel)
    {
        _state = state[..StateWords];
        _rateBytes = rateBytes;
        _suffix = suffix;
        _kernel = kernel;
    }

    /// <summary>Absorbs a whole block of a message in a lane.</summary>
    public void AbsorbBlock(int lane, ReadOnlySpan<byte> block) => XorIn(lane, block[.._rateBytes]);

    /// <summary>Absorbs the end of a message, shorter than a block, and the padding in a lane.</summary>
    public void AbsorbLast(int lane, ReadOnlySpan<byte> rest)
    {
        int words = rest.Length / sizeof(ulong);
        XorIn(lane, rest[..(words * sizeof(ulong))]);
        ulong last = (ulong)_suffix << (8 * (rest.Length % sizeof(ulong)));
        for (int at = words * sizeof(ulong); at < rest.Length; at++)
        {
            last |= (ulong)rest[at] << (8 * (at % sizeof(ulong)));
        }

        _state[(words * Lanes) + lane] ^= last;
        _state[(((_rateBytes / sizeof(ulong)) - 1) * Lanes) + lane] ^= 1UL << 63;
    }

    /// <summary>Runs one permutation of all lanes.</summary>
    public void Permute()
    {
        switch (_kernel)
        {
            case KeccakKernel.EightLanes:
                Permutation.Run<Vector512<ulong>, EightLanes>(_state, Lanes);
                break;
            case KeccakKernel.FourLanes:
                Permutation.Run<Vector256<ulong>, FourLanes>(_state, Lanes);
                Permutation.Run<Vector256<ulong>, FourLanes>(_state[4..], Lanes);
                break;
            case KeccakKernel.OneLane:
                for (int lane = 0; lane < Lanes; lane++)
                {
                    Permutation.Run<Vector128<ulong>, OneLane>(_state[lane..], Lanes);
                }

                break;
            default:
                for (int lane = 0; lane < Lanes; lane++)
                {
                    ScalarPermutation.Run(_state[lane..], Lanes);
                }

                break;
        }
    }

    /// <summary>Reads a lane's output of the last permutation, or the beginning of it.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="destination">Receives the output: whole words, at most a block.</param>
    public void ReadBlock(int lane, Span<byte> destination)
    {
        for (int word = 0; word < destination.Length / sizeof(ulong); word++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(word * sizeof(ulong))..], _state[(word * Lanes) + lane]);
        }
    }

    private void XorIn(int lane, ReadOnlySpan<byte> words)
    {
        for (int word = 0; word < words.Length / sizeof(ulong); word++)
        {
            _state[(word * Lanes) + lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(words[(word * sizeof(ulong))..]);
        }
    }
}
