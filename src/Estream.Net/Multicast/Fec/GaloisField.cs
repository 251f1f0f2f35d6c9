using System.Runtime.Intrinsics;

namespace Estream.Net.Multicast.Internal;

/// <summary>Arithmetic in GF(256) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11D). Stateless.</summary>
internal static class GaloisField
{
    private const int Polynomial = 0x11D;
    private const int Order = 255;

    private static readonly byte[] s_exponents = new byte[2 * Order];
    private static readonly byte[] s_logarithms = new byte[Order + 1];

    // Products of each constant with the low and the high half of a byte: 16 + 16 bytes for each constant.
    private static readonly byte[] s_products = new byte[256 * 32];

    static GaloisField()
    {
        int value = 1;
        for (int power = 0; power < Order; power++)
        {
            s_exponents[power] = s_exponents[power + Order] = (byte)value;
            s_logarithms[value] = (byte)power;
            value = (value << 1) ^ (value >= 128 ? Polynomial : 0);
        }

        for (int constant = 0; constant < 256; constant++)
        {
            for (int half = 0; half < 16; half++)
            {
                s_products[(constant * 32) + half] = Multiply((byte)constant, (byte)half);
                s_products[(constant * 32) + 16 + half] = Multiply((byte)constant, (byte)(half << 4));
            }
        }
    }

    public static byte Multiply(byte left, byte right) =>
        left == 0 || right == 0 ? (byte)0 : s_exponents[s_logarithms[left] + s_logarithms[right]];

    /// <summary>The inverse of a value that is not 0.</summary>
    public static byte Invert(byte value) => s_exponents[Order - s_logarithms[value]];

    /// <summary>Adds a multiple of one symbol to another: target += constant * source, byte by byte.</summary>
    /// <param name="target">At least as long as <paramref name="source"/>.</param>
    /// <param name="source">The symbol.</param>
    /// <param name="constant">The factor.</param>
    public static void AddMultiple(Span<byte> target, ReadOnlySpan<byte> source, byte constant)
    {
        target = target[..source.Length];
        ReadOnlySpan<byte> products = s_products.AsSpan(constant * 32, 32);
        Vector128<byte> low = Vector128.Create(products[..16]);
        Vector128<byte> high = Vector128.Create(products[16..]);
        Vector128<byte> mask = Vector128.Create((byte)15);
        int index = 0;
        for (; index <= source.Length - Vector128<byte>.Count; index += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.Create(source[index..]);
            Vector128<byte> sum = Vector128.Create<byte>(target[index..])
                ^ Vector128.Shuffle(low, bytes & mask) ^ Vector128.Shuffle(high, bytes >>> 4);
            sum.CopyTo(target[index..]);
        }

        for (; index < source.Length; index++)
        {
            target[index] ^= (byte)(products[source[index] & 15] ^ products[16 + (source[index] >> 4)]);
        }
    }
}
