namespace Estream.Net.Multicast.Internal;

/// <summary>
/// A systematic Reed-Solomon code over GF(256) with a Cauchy matrix: any k of k data and m parity symbols restore the others. Stateless.
/// The construction is that of Blömer et al., "An XOR-Based Erasure-Resilient Coding Scheme", 1995.
/// </summary>
internal static class ReedSolomon
{
    private const int ParityBase = 255;

    /// <summary>The factor of a data symbol in a parity symbol.</summary>
    public static byte Coefficient(int parity, int data) => GaloisField.Invert((byte)((ParityBase - parity) ^ data));

    /// <summary>Inverts a matrix in place by Gauss-Jordan elimination with pivoting.</summary>
    /// <param name="matrix">The rows of a square matrix, one after the other; overwritten.</param>
    /// <param name="inverse">Receives the inverse.</param>
    /// <param name="size">The number of rows.</param>
    /// <returns>Whether the matrix has an inverse. Any square part of a Cauchy matrix has one.</returns>
    public static bool TryInvert(Span<byte> matrix, Span<byte> inverse, int size)
    {
        inverse[..(size * size)].Clear();
        for (int row = 0; row < size; row++)
        {
            inverse[(row * size) + row] = 1;
        }

        for (int column = 0; column < size; column++)
        {
            int pivot = column;
            while (pivot < size && matrix[(pivot * size) + column] == 0)
            {
                pivot++;
            }

            if (pivot == size)
            {
                return false;
            }

            SwapRows(matrix, pivot, column, size);
            SwapRows(inverse, pivot, column, size);
            byte factor = GaloisField.Invert(matrix[(column * size) + column]);
            Scale(matrix.Slice(column * size, size), factor);
            Scale(inverse.Slice(column * size, size), factor);
            for (int row = 0; row < size; row++)
            {
                byte multiple = matrix[(row * size) + column];
                if (row != column && multiple != 0)
                {
                    GaloisField.AddMultiple(matrix.Slice(row * size, size), matrix.Slice(column * size, size), multiple);
                    GaloisField.AddMultiple(inverse.Slice(row * size, size), inverse.Slice(column * size, size), multiple);
                }
            }
        }

        return true;
    }

    private static void Scale(Span<byte> row, byte factor)
    {
        for (int index = 0; index < row.Length; index++)
        {
            row[index] = GaloisField.Multiply(row[index], factor);
        }
    }

    private static void SwapRows(Span<byte> matrix, int first, int second, int size)
    {
        if (first == second)
        {
            return;
        }

        for (int index = 0; index < size; index++)
        {
            (matrix[(first * size) + index], matrix[(second * size) + index]) =
                (matrix[(second * size) + index], matrix[(first * size) + index]);
        }
    }
}
