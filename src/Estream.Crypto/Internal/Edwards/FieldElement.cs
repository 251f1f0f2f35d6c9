using System.Buffers.Binary;

namespace Estream.Crypto.Internal.Edwards;

/// <summary>
/// An integer modulo p = 2^255 - 19, in five limbs of 51 bits. All operations take the same steps for all values, except where their
/// comment says otherwise. The limbs of a result are below 2^52, which is what the operations expect.
/// </summary>
internal readonly struct FieldElement
{
    public const int Bytes = 32;

    private const int LimbBits = 51;
    private const ulong Mask = (1UL << LimbBits) - 1;

    // 4p in limbs: added before a subtraction, so that no limb becomes negative.
    private const ulong FourP0 = 4 * (Mask - 18);
    private const ulong FourP = 4 * Mask;

    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;
    private readonly ulong _4;

    private FieldElement(ulong limb0, ulong limb1, ulong limb2, ulong limb3, ulong limb4) =>
        (_0, _1, _2, _3, _4) = (limb0, limb1, limb2, limb3, limb4);

    public static FieldElement Zero => default;

    public static FieldElement One { get; } = new(1, 0, 0, 0, 0);

    /// <summary>The square root of -1 that <see cref="SquareRoot"/> uses: 2^((p - 1) / 4).</summary>
    public static FieldElement RootOfMinusOne { get; } = Decode(
        [0xB0, 0xA0, 0x0E, 0x4A, 0x27, 0x1B, 0xEE, 0xC4, 0x78, 0xE4, 0x2F, 0xAD, 0x06, 0x18, 0x43, 0x2F,
            0xA7, 0xD7, 0xFB, 0x3D, 0x99, 0x00, 0x4D, 0x2B, 0x0B, 0xDF, 0xC1, 0x4F, 0x80, 0x24, 0x83, 0x2B]);

    /// <summary>Whether the value, reduced below p, is odd. The result is public.</summary>
    public bool IsOdd => OddMask != 0;

    /// <summary>Whether the value is zero modulo p. The result is public.</summary>
    public bool IsZero => ZeroMask != 0;

    /// <summary>All bits set if the value, reduced below p, is odd; otherwise zero.</summary>
    public ulong OddMask
    {
        get
        {
            Span<byte> encoded = stackalloc byte[Bytes];
            Encode(encoded);
            return 0UL - (encoded[0] & 1UL);
        }
    }

    /// <summary>All bits set if the value is zero modulo p; otherwise zero.</summary>
    public ulong ZeroMask
    {
        get
        {
            Span<byte> encoded = stackalloc byte[Bytes];
            Encode(encoded);
            ulong bits = 0;
            foreach (byte b in encoded)
            {
                bits |= b;
            }

            // bits - 1 is negative only if bits is zero, because bits is below 256.
            return (ulong)(((long)bits - 1) >> 63);
        }
    }

    /// <summary>Reads 32 bytes, least significant first, and ignores the highest bit. Accepts values from p on.</summary>
    public static FieldElement Decode(ReadOnlySpan<byte> bytes)
    {
        ulong a = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong c = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        ulong d = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement(
            a & Mask, ((a >> 51) | (b << 13)) & Mask, ((b >> 38) | (c << 26)) & Mask, ((c >> 25) | (d << 39)) & Mask, (d >> 12) & Mask);
    }

    /// <summary>Writes the value below p in 32 bytes, least significant first.</summary>
    public void Encode(Span<byte> destination)
    {
        FieldElement x = Carry(_0, _1, _2, _3, _4);

        // After the carries the value is below 2p. The value is at least p if adding 19 sets bit 255.
        ulong carry = (x._0 + 19) >> LimbBits;
        carry = (x._1 + carry) >> LimbBits;
        carry = (x._2 + carry) >> LimbBits;
        carry = (x._3 + carry) >> LimbBits;
        carry = (x._4 + carry) >> LimbBits;
        ulong a = x._0 + (19 * carry);
        ulong b = x._1 + (a >> LimbBits);
        ulong c = x._2 + (b >> LimbBits);
        ulong d = x._3 + (c >> LimbBits);
        ulong e = (x._4 + (d >> LimbBits)) & Mask;
        (a, b, c, d) = (a & Mask, b & Mask, c & Mask, d & Mask);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, a | (b << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], (b >> 13) | (c << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], (c >> 26) | (d << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], (d >> 39) | (e << 12));
    }

    /// <summary>Returns the second value if the mask is set, the first if it is zero.</summary>
    /// <param name="mask">All bits set, or zero.</param>
    /// <param name="first">The value for zero.</param>
    /// <param name="second">The value for all bits set.</param>
    public static FieldElement Select(ulong mask, in FieldElement first, in FieldElement second) => new(
        first._0 ^ (mask & (first._0 ^ second._0)),
        first._1 ^ (mask & (first._1 ^ second._1)),
        first._2 ^ (mask & (first._2 ^ second._2)),
        first._3 ^ (mask & (first._3 ^ second._3)),
        first._4 ^ (mask & (first._4 ^ second._4)));

    public static FieldElement operator +(in FieldElement x, in FieldElement y) =>
        Carry(x._0 + y._0, x._1 + y._1, x._2 + y._2, x._3 + y._3, x._4 + y._4);

    public static FieldElement operator -(in FieldElement x, in FieldElement y) =>
        Carry(x._0 + FourP0 - y._0, x._1 + FourP - y._1, x._2 + FourP - y._2, x._3 + FourP - y._3, x._4 + FourP - y._4);

    public static FieldElement operator -(in FieldElement x) => Zero - x;

    public static FieldElement operator *(in FieldElement x, in FieldElement y)
    {
        // 2^255 = 19 (mod p), so the limbs from the sixth on count 19 times.
        (ulong y1, ulong y2, ulong y3, ulong y4) = (19 * y._1, 19 * y._2, 19 * y._3, 19 * y._4);
        UInt128 a = Math.BigMul(x._0, y._0) + Math.BigMul(x._1, y4) + Math.BigMul(x._2, y3) + Math.BigMul(x._3, y2)
            + Math.BigMul(x._4, y1);
        UInt128 b = Math.BigMul(x._0, y._1) + Math.BigMul(x._1, y._0) + Math.BigMul(x._2, y4) + Math.BigMul(x._3, y3)
            + Math.BigMul(x._4, y2);
        UInt128 c = Math.BigMul(x._0, y._2) + Math.BigMul(x._1, y._1) + Math.BigMul(x._2, y._0) + Math.BigMul(x._3, y4)
            + Math.BigMul(x._4, y3);
        UInt128 d = Math.BigMul(x._0, y._3) + Math.BigMul(x._1, y._2) + Math.BigMul(x._2, y._1) + Math.BigMul(x._3, y._0)
            + Math.BigMul(x._4, y4);
        UInt128 e = Math.BigMul(x._0, y._4) + Math.BigMul(x._1, y._3) + Math.BigMul(x._2, y._2) + Math.BigMul(x._3, y._1)
            + Math.BigMul(x._4, y._0);
        b += a >> LimbBits;
        c += b >> LimbBits;
        d += c >> LimbBits;
        e += d >> LimbBits;

        // The last carry is below 2^59, so 19 times the carry fits.
        ulong low = ((ulong)a & Mask) + (19 * (ulong)(e >> LimbBits));
        return new FieldElement(
            low & Mask, ((ulong)b & Mask) + (low >> LimbBits), (ulong)c & Mask, (ulong)d & Mask, (ulong)e & Mask);
    }

    /// <summary>Squares the value a number of times. The number is public.</summary>
    public FieldElement Square(int times = 1)
    {
        FieldElement result = this;
        for (int i = 0; i < times; i++)
        {
            result *= result;
        }

        return result;
    }

    /// <summary>Returns the value to the power p - 2: its inverse, and zero for zero.</summary>
    public FieldElement Invert() => PowerOf252Minus3().Square(3) * (Square() * this);

    /// <summary>Returns the value to the power (p - 5) / 8 = 2^252 - 3.</summary>
    public FieldElement PowerOf252Minus3()
    {
        // Exponents in the names: e5 = 2^5 - 1 and so on.
        FieldElement nine = Square(3) * this;
        FieldElement eleven = nine * Square();
        FieldElement e5 = eleven.Square() * nine;
        FieldElement e10 = e5.Square(5) * e5;
        FieldElement e20 = e10.Square(10) * e10;
        FieldElement e40 = e20.Square(20) * e20;
        FieldElement e50 = e40.Square(10) * e10;
        FieldElement e100 = e50.Square(50) * e50;
        FieldElement e200 = e100.Square(100) * e100;
        FieldElement e250 = e200.Square(50) * e50;
        return e250.Square(2) * this;
    }

    /// <summary>Computes r with v·r² = u, or with v·r² = u·<see cref="RootOfMinusOne"/> if u/v is not a square.</summary>
    /// <returns>All bits set if u/v is a square, otherwise zero. v must not be zero.</returns>
    public static ulong SquareRoot(in FieldElement u, in FieldElement v, out FieldElement root)
    {
        // The candidate u v^3 (u v^7)^((p-5)/8) is r or r times a fourth root of one (RFC 8032, section 5.1.3).
        FieldElement cube = v.Square() * v;
        FieldElement candidate = u * cube * (u * cube.Square() * v).PowerOf252Minus3();
        FieldElement check = v * candidate.Square();
        ulong isRoot = (check - u).ZeroMask;
        ulong isNegated = (check + u).ZeroMask;
        ulong isNegatedOther = (check + (u * RootOfMinusOne)).ZeroMask;
        root = Select(isNegated | isNegatedOther, candidate, candidate * RootOfMinusOne);
        return isRoot | isNegated;
    }

    private static FieldElement Carry(ulong a, ulong b, ulong c, ulong d, ulong e)
    {
        b += a >> LimbBits;
        c += b >> LimbBits;
        d += c >> LimbBits;
        e += d >> LimbBits;
        a = (a & Mask) + (19 * (e >> LimbBits));
        b = (b & Mask) + (a >> LimbBits);
        return new FieldElement(a & Mask, b, c & Mask, d & Mask, e & Mask);
    }
}
