using System.Numerics;
using System.Security.Cryptography;

namespace Estream.Crypto.Tests.Support;

/// <summary>ECVRF-EDWARDS25519-SHA512-TAI written from RFC 9381 and RFC 8032 with big integers and affine points. Shares no code with the
/// product, and takes different times for different secrets.</summary>
internal static class ReferenceEcvrf
{
    private static readonly BigInteger s_prime = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger s_d = Mod(-121665 * Inverse(121666));

    /// <summary>The order of the generator.</summary>
    public static BigInteger Order { get; } = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    public static (BigInteger X, BigInteger Y) Generator { get; } = Decode(Bytes(Mod(4 * Inverse(5))))!.Value;

    public static byte[] Bytes(BigInteger value)
    {
        byte[] bytes = new byte[32];
        value.ToByteArray(isUnsigned: true).CopyTo(bytes, 0);
        return bytes;
    }

    public static BigInteger Integer(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    public static byte[] Encode((BigInteger X, BigInteger Y) point)
    {
        byte[] bytes = Bytes(point.Y);
        bytes[31] |= (byte)(point.X.IsEven ? 0 : 0x80);
        return bytes;
    }

    public static (BigInteger X, BigInteger Y)? Decode(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        bool isOdd = (copy[31] & 0x80) != 0;
        copy[31] &= 0x7F;
        BigInteger y = Integer(copy);
        BigInteger square = Mod((y * y - 1) * Inverse(s_d * y * y + 1));
        BigInteger x = BigInteger.ModPow(square, (s_prime + 3) / 8, s_prime);
        x = Mod(x * x - square).IsZero ? x : Mod(x * BigInteger.ModPow(2, (s_prime - 1) / 4, s_prime));
        if (y >= s_prime || !Mod(x * x - square).IsZero || (x.IsZero && isOdd))
        {
            return null;
        }

        return (x.IsEven == isOdd ? s_prime - x : x, y);
    }

    public static (BigInteger X, BigInteger Y) Multiply(BigInteger scalar, (BigInteger X, BigInteger Y) point)
    {
        (BigInteger X, BigInteger Y) result = (0, 1);
        for (; !scalar.IsZero; scalar >>= 1)
        {
            result = scalar.IsEven ? result : Add(result, point);
            point = Add(point, point);
        }

        return result;
    }

    /// <summary>Returns public key, proof and output.</summary>
    public static (byte[] Key, byte[] Proof, byte[] Output) Prove(byte[] seed, byte[] input)
    {
        byte[] expanded = SHA512.HashData(seed);
        expanded[0] &= 0xF8;
        expanded[31] = (byte)((expanded[31] & 0x7F) | 0x40);
        BigInteger x = Integer(expanded.AsSpan(0, 32));
        byte[] key = Encode(Multiply(x, Generator));
        (BigInteger, BigInteger) h = EncodeToCurve(key, input);
        (BigInteger, BigInteger) gamma = Multiply(x, h);
        BigInteger k = Integer(SHA512.HashData([.. expanded[32..], .. Encode(h)])) % Order;
        byte[] challenge = SHA512.HashData([3, 2, .. key, .. Encode(h), .. Encode(gamma), .. Encode(Multiply(k, Generator)),
            .. Encode(Multiply(k, h)), 0])[..16];
        BigInteger s = (k + (Integer(challenge) * x)) % Order;
        return (key, [.. Encode(gamma), .. challenge, .. Bytes(s)], SHA512.HashData([3, 3, .. Encode(Multiply(8, gamma)), 0]));
    }

    public static (BigInteger X, BigInteger Y) EncodeToCurve(byte[] key, byte[] input)
    {
        for (int attempt = 0; ; attempt++)
        {
            if (Decode(SHA512.HashData([3, 1, .. key, .. input, checked((byte)attempt), 0]).AsSpan(0, 32)) is { } point
                && Multiply(8, point) is var h && h != (0, 1))
            {
                return h;
            }
        }
    }

    private static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q)
    {
        BigInteger product = s_d * p.X * q.X * p.Y * q.Y;
        return (Mod((p.X * q.Y + p.Y * q.X) * Inverse(1 + product)), Mod((p.Y * q.Y + p.X * q.X) * Inverse(1 - product)));
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), s_prime - 2, s_prime);

    private static BigInteger Mod(BigInteger value) => ((value % s_prime) + s_prime) % s_prime;
}
