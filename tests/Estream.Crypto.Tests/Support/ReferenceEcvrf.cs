using System.Numerics;
using System.Security.Cryptography;

namespace Estream.Crypto.Tests.Support;

/// <summary>Both suites of ECVRF-EDWARDS25519-SHA512 written from RFC 9381, RFC 9380 and RFC 8032 with big integers and affine points.
/// Shares no code with the product, and takes different times for different secrets.</summary>
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
        if (y >= s_prime || Root(square) is not { } x || (x.IsZero && isOdd))
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
    public static (byte[] Key, byte[] Proof, byte[] Output) Prove(byte[] seed, byte[] input, byte suite = 3)
    {
        byte[] expanded = SHA512.HashData(seed);
        expanded[0] &= 0xF8;
        expanded[31] = (byte)((expanded[31] & 0x7F) | 0x40);
        BigInteger x = Integer(expanded.AsSpan(0, 32));
        byte[] key = Encode(Multiply(x, Generator));
        (BigInteger, BigInteger) h = suite == 3
            ? EncodeToCurve(key, input)
            : Multiply(8, Elligator2(HashToField("ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\u0004"u8, [.. key, .. input])));
        (BigInteger, BigInteger) gamma = Multiply(x, h);
        BigInteger k = Integer(SHA512.HashData([.. expanded[32..], .. Encode(h)])) % Order;
        byte[] challenge = SHA512.HashData([suite, 2, .. key, .. Encode(h), .. Encode(gamma), .. Encode(Multiply(k, Generator)),
            .. Encode(Multiply(k, h)), 0])[..16];
        BigInteger s = (k + (Integer(challenge) * x)) % Order;
        return (key, [.. Encode(gamma), .. challenge, .. Bytes(s)], SHA512.HashData([suite, 3, .. Encode(Multiply(8, gamma)), 0]));
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

    /// <summary>RFC 9380, sections 5.2 and 5.3.1.</summary>
    public static BigInteger HashToField(ReadOnlySpan<byte> tag, byte[] message)
    {
        byte[] end = [.. tag, (byte)tag.Length];
        byte[] first = SHA512.HashData([.. new byte[128], .. message, 0, 48, 0, .. end]);
        return new BigInteger(SHA512.HashData([.. first, 1, .. end]).AsSpan(0, 48), isUnsigned: true, isBigEndian: true) % s_prime;
    }

    /// <summary>RFC 9380, sections 6.7.1 and 6.8.1, step by step.</summary>
    public static (BigInteger X, BigInteger Y) Elligator2(BigInteger u)
    {
        BigInteger j = 486662, s = Mod(-j * Inverse(1 + (2 * u * u)));
        bool isSquare = Root(Curve(s)) is not null;
        s = isSquare ? s : Mod(-s - j);
        BigInteger t = Root(Curve(s))!.Value;
        t = t.IsEven == isSquare ? Mod(-t) : t;
        BigInteger scale = Root(Mod(-486664))!.Value;
        scale = scale.IsEven ? scale : Mod(-scale);
        return t.IsZero || Mod(s + 1).IsZero ? (0, 1) : (Mod(scale * s * Inverse(t)), Mod((s - 1) * Inverse(s + 1)));

        BigInteger Curve(BigInteger x) => Mod((x * x * x) + (j * x * x) + x);
    }

    private static BigInteger? Root(BigInteger square)
    {
        BigInteger x = BigInteger.ModPow(square, (s_prime + 3) / 8, s_prime);
        x = Mod(x * x - square).IsZero ? x : Mod(x * BigInteger.ModPow(2, (s_prime - 1) / 4, s_prime));
        return Mod(x * x - square).IsZero ? x : null;
    }

    private static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q)
    {
        BigInteger product = s_d * p.X * q.X * p.Y * q.Y;
        return (Mod((p.X * q.Y + p.Y * q.X) * Inverse(1 + product)), Mod((p.Y * q.Y + p.X * q.X) * Inverse(1 - product)));
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), s_prime - 2, s_prime);

    private static BigInteger Mod(BigInteger value) => ((value % s_prime) + s_prime) % s_prime;
}
