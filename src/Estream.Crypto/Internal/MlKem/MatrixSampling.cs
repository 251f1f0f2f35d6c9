using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>Expands the public matrix from its seed, eight polynomials at a time (FIPS 203, algorithm 7).</summary>
internal static class MatrixSampling
{
    private const int BlockCandidates = KeccakRate.Shake128 / 3 * 2;

    // Before each block a lane has at most 255 coefficients.
    private const int LaneBuffer = Parameters.N + BlockCandidates;

    /// <summary>Expands the matrix. All inputs are public, so the time may depend on them.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="transposed">Receives the transposed matrix: its row i, column j is row j, column i of the standard's matrix.
    /// Coefficients are from 0 to q - 1.</param>
    public static void Expand(ReadOnlySpan<byte> seed, Span<short> transposed)
    {
        Span<ulong> state = stackalloc ulong[KeccakX8.StateWords];
        Span<short> buffer = stackalloc short[KeccakX8.Lanes * LaneBuffer];
        Span<byte> input = stackalloc byte[Parameters.SymmetricBytes + 2];
        seed.CopyTo(input);
        for (int first = 0; first < Parameters.K * Parameters.K; first += KeccakX8.Lanes)
        {
            state.Clear();
            var sponge = new KeccakX8(state, KeccakRate.Shake128, KeccakRate.ShakeSuffix);
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                // The standard hashes the column before the row; in the transposed matrix the column is the row.
                input[Parameters.SymmetricBytes] = (byte)((first + lane) / Parameters.K);
                input[Parameters.SymmetricBytes + 1] = (byte)((first + lane) % Parameters.K);
                sponge.AbsorbLast(lane, input);
            }

            Sample(sponge, buffer);
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                buffer.Slice(lane * LaneBuffer, Parameters.N).CopyTo(transposed[((first + lane) * Parameters.N)..]);
            }
        }
    }

    // Three blocks are enough for most polynomials, four for nearly all. Finding a seed that needs more than five blocks would take about
    // 2^250 attempts.
    private static void Sample(KeccakX8 sponge, Span<short> buffer)
    {
        Span<byte> block = stackalloc byte[KeccakRate.Shake128];
        Span<int> counts = stackalloc int[KeccakX8.Lanes];
        bool isShort;
        do
        {
            sponge.Permute();
            isShort = false;
            for (int lane = 0; lane < KeccakX8.Lanes; lane++)
            {
                if (counts[lane] < Parameters.N)
                {
                    sponge.ReadBlock(lane, block);
                    counts[lane] += Accept(block, buffer.Slice((lane * LaneBuffer) + counts[lane], BlockCandidates));
                    isShort |= counts[lane] < Parameters.N;
                }
            }
        }
        while (isShort);
    }

    // Writes every candidate at the position of the next coefficient, and counts the candidate if accepted. This takes half the time of a
    // branch.
    private static int Accept(ReadOnlySpan<byte> block, Span<short> coefficients)
    {
        int count = 0;
        for (int at = 0; at < block.Length; at += 3)
        {
            int two = block[at] | (block[at + 1] << 8) | (block[at + 2] << 16);
            int first = two & 0xFFF, second = two >> 12;
            coefficients[count] = (short)first;
            count += (first - Parameters.Q) >>> 31;
            coefficients[count] = (short)second;
            count += (second - Parameters.Q) >>> 31;
        }

        return count;
    }
}
