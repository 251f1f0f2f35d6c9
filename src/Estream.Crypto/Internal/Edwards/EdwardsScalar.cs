using System.Buffers.Binary;

namespace Estream.Crypto.Internal.Edwards;

/// <summary>
/// Integers modulo q = 2^252 + 27742317777372353535851937790883648493, the order of the generator of edwards25519, in 32 bytes, least
/// significant first. Takes the same steps for all values.
/// </summary>
internal static class EdwardsScalar
{
    public const int Bytes = 32;

    private const int Limbs = Bytes / sizeof(ulong);

    private static ReadOnlySpan<ulong> Order => [0x5812631A5CF5D3ED, 0x14DEF9DEA2F79CD6, 0, 0x1000000000000000];

    /// <summary>Whether a scalar is below q. The scalar is public.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> scalar)
    {
        Span<ulong> limbs = stackalloc ulong[Limbs];
        Read(scalar, limbs);
        return Subtract(limbs) != 0;
    }

    /// <summary>Reduces an integer of 64 bytes.</summary>
    public static void Reduce(ReadOnlySpan<byte> wide, Span<byte> result)
    {
        Span<ulong> limbs = stackalloc ulong[2 * Limbs];
        Read(wide, limbs);
        Reduce(limbs, result);
        Secret.Clear(limbs);
    }

    /// <summary>Computes a + b·c modulo q.</summary>
    public static void MultiplyAdd(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result)
    {
        Span<ulong> limbs = stackalloc ulong[4 * Limbs];
        Span<ulong> sum = limbs[..(2 * Limbs)], x = limbs.Slice(2 * Limbs, Limbs), y = limbs[(3 * Limbs)..];
        Read(a, sum[..Limbs]);
        Read(b, x);
        Read(c, y);
        for (int i = 0; i < Limbs; i++)
        {
            UInt128 carry = 0;
            for (int j = 0; j < Limbs; j++)
            {
                carry += Math.BigMul(x[i], y[j]) + sum[i + j];
                sum[i + j] = (ulong)carry;
                carry >>= 64;
            }

            sum[i + Limbs] = (ulong)carry;
        }

        Reduce(sum, result);
        Secret.Clear(limbs);
    }

    // Divides bit by bit. The remainder stays below q < 2^253, so twice the remainder fits.
    private static void Reduce(ReadOnlySpan<ulong> wide, Span<byte> result)
    {
        Span<ulong> rest = stackalloc ulong[2 * Limbs];
        Span<ulong> difference = rest[Limbs..];
        rest = rest[..Limbs];
        for (int bit = (64 * wide.Length) - 1; bit >= 0; bit--)
        {
            for (int i = Limbs - 1; i > 0; i--)
            {
                rest[i] = (rest[i] << 1) | (rest[i - 1] >> 63);
            }

            rest[0] = (rest[0] << 1) | ((wide[bit >> 6] >> (bit & 63)) & 1);
            rest.CopyTo(difference);
            ulong isBelow = Subtract(difference);
            for (int i = 0; i < Limbs; i++)
            {
                rest[i] = difference[i] ^ (isBelow & (difference[i] ^ rest[i]));
            }
        }

        for (int i = 0; i < Limbs; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(result[(8 * i)..], rest[i]);
        }

        Secret.Clear(rest);
        Secret.Clear(difference);
    }

    // Subtracts q. Returns all bits set if the value was below q, otherwise zero.
    private static ulong Subtract(Span<ulong> limbs)
    {
        UInt128 borrow = 0;
        for (int i = 0; i < Limbs; i++)
        {
            UInt128 difference = (UInt128)limbs[i] - Order[i] - borrow;
            limbs[i] = (ulong)difference;
            borrow = (difference >> 64) & 1;
        }

        return 0UL - (ulong)borrow;
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<ulong> limbs)
    {
        for (int i = 0; i < limbs.Length; i++)
        {
            limbs[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
        }
    }
}
