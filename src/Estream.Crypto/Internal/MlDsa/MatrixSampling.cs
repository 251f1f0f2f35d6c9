using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Expands the public matrix from its seed, eight polynomials at a time (FIPS 204, algorithms 30 and 32).</summary>
internal static class MatrixSampling
{
    /// <summary>
    /// The number of coefficients in a chunk. A row of the matrix interleaves the chunks of its polynomials: it holds the first chunk of
    /// each polynomial, then the second chunk of each, and so on. Therefore an inner product reads the row sequentially.
    /// </summary>
    public const int Chunk = 16;

    private const int CandidateBytes = 3;
    private const int BlockCandidates = KeccakRate.Shake128 / CandidateBytes;

    // A vector takes a group of eight candidates, loaded as two halves of sixteen bytes. The second load reads four bytes past the group.
    private const int GroupBytes = 8 * CandidateBytes;
    private const int HalfGroupBytes = GroupBytes / 2;
    private const int BlockBuffer = KeccakRate.Shake128 + 8;

    // Before each block a lane has at most 255 coefficients.
    private const int LaneBuffer = Field.N + BlockCandidates;

    /// <summary>Returns the number of coefficients of a matrix.</summary>
    public static int Length(ParameterSet parameters) => parameters.K * parameters.L * Field.N;

    /// <summary>Expands the matrix. All inputs are public, so the time may depend on them.</summary>
    /// <param name="parameters">The parameter set, for the size of the matrix.</param>
    /// <param name="seed">32 bytes.</param>
    /// <param name="matrix">Receives coefficients from 0 to q - 1, row by row in chunks.</param>
    public static void Expand(ParameterSet parameters, ReadOnlySpan<byte> seed, Span<int> matrix)
    {
        Span<ulong> state = stackalloc ulong[KeccakX8.StateWords];
        Span<int> buffer = stackalloc int[KeccakX8.Lanes * LaneBuffer];
        Span<byte> input = stackalloc byte[ParameterSet.SeedBytes + 2];
        seed.CopyTo(input);
        int polynomials = parameters.K * parameters.L;
        for (int first = 0; first < polynomials; first += KeccakX8.Lanes)
        {
            state.Clear();
            var sponge = new KeccakX8(state, KeccakRate.Shake128, KeccakRate.ShakeSuffix);
            int lanes = Math.Min(KeccakX8.Lanes, polynomials - first);
            for (int lane = 0; lane < lanes; lane++)
            {
                input[ParameterSet.SeedBytes] = (byte)((first + lane) % parameters.L);
                input[ParameterSet.SeedBytes + 1] = (byte)((first + lane) / parameters.L);
                sponge.AbsorbLast(lane, input);
            }

            Sample(sponge, lanes, buffer);
            for (int lane = 0; lane < lanes; lane++)
            {
                Place(buffer.Slice(lane * LaneBuffer, Field.N), parameters.L, first + lane, matrix);
            }
        }
    }

    /// <summary>Copies the candidates of a block that are smaller than q. Requires AVX2.</summary>
    /// <param name="block">A block of SHAKE128, followed by eight more bytes.</param>
    /// <param name="coefficients">Receives the candidates; has space for all candidates of a block.</param>
    /// <returns>The number of candidates copied.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static int AcceptVectors(ReadOnlySpan<byte> block, Span<int> coefficients)
    {
        int count = 0;
        for (int at = 0; at < KeccakRate.Shake128; at += GroupBytes)
        {
            // One candidate in a thousand is too large, so usually all eight are accepted.
            Vector256<int> eight = EightCandidates(block, at);
            if (Vector256.LessThanAll(eight, Vector256.Create(Field.Q)))
            {
                eight.CopyTo(coefficients[count..]);
                count += Vector256<int>.Count;
                continue;
            }

            count += AcceptEach(block.Slice(at, GroupBytes), coefficients[count..]);
        }

        return count;
    }

    private static void Place(ReadOnlySpan<int> polynomial, int columns, int number, Span<int> matrix)
    {
        int at = (number / columns * columns * Field.N) + (number % columns * Chunk);
        for (int from = 0; from < Field.N; from += Chunk)
        {
            polynomial.Slice(from, Chunk).CopyTo(matrix[at..]);
            at += columns * Chunk;
        }
    }

    // Five blocks are enough except with a probability of about 10^-40 per polynomial.
    private static void Sample(KeccakX8 sponge, int lanes, Span<int> buffer)
    {
        Span<byte> block = stackalloc byte[BlockBuffer];
        Span<int> counts = stackalloc int[KeccakX8.Lanes];
        bool isShort;
        do
        {
            sponge.Permute();
            isShort = false;
            for (int lane = 0; lane < lanes; lane++)
            {
                if (counts[lane] < Field.N)
                {
                    sponge.ReadBlock(lane, block[..KeccakRate.Shake128]);
                    counts[lane] += Accept(block, buffer.Slice((lane * LaneBuffer) + counts[lane], BlockCandidates));
                    isShort |= counts[lane] < Field.N;
                }
            }
        }
        while (isShort);
    }

    private static int Accept(ReadOnlySpan<byte> block, Span<int> coefficients) => !VectorCode.IsCompiling && Avx2.IsSupported
        ? AcceptVectors(block, coefficients)
        : AcceptEach(block[..KeccakRate.Shake128], coefficients);

    // Writes every candidate at the position of the next coefficient, and counts the candidate if accepted.
    private static int AcceptEach(ReadOnlySpan<byte> group, Span<int> coefficients)
    {
        int count = 0;
        for (int at = 0; at < group.Length; at += CandidateBytes)
        {
            int candidate = group[at] | (group[at + 1] << 8) | ((group[at + 2] & 0x7F) << 16);
            coefficients[count] = candidate;
            count += (candidate - Field.Q) >>> 31;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> EightCandidates(ReadOnlySpan<byte> block, int at)
    {
        Vector256<byte> bytes = Vector256.Create(Vector128.Create(block[at..]), Vector128.Create(block[(at + HalfGroupBytes)..]));
        Vector256<byte> spread = Avx2.Shuffle(bytes, Vector256.Create(
            (byte)0, 1, 2, 0xFF, 3, 4, 5, 0xFF, 6, 7, 8, 0xFF, 9, 10, 11, 0xFF,
            0, 1, 2, 0xFF, 3, 4, 5, 0xFF, 6, 7, 8, 0xFF, 9, 10, 11, 0xFF));
        return spread.AsInt32() & Vector256.Create(0x7F_FFFF);
    }
}
