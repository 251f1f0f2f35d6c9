namespace Estream.Crypto.Internal.Edwards;

/// <summary>
/// A point of edwards25519 (RFC 8032, section 5.1) in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. Additions and multiplications take
/// the same steps for all points and scalars. Decoding does not; points from outside are public.
/// </summary>
internal readonly struct EdwardsPoint
{
    public const int Bytes = 32;

    private static readonly FieldElement s_d = FieldElement.Decode(
        [0xA3, 0x78, 0x59, 0x13, 0xCA, 0x4D, 0xEB, 0x75, 0xAB, 0xD8, 0x41, 0x41, 0x4D, 0x0A, 0x70, 0x00,
            0x98, 0xE8, 0x79, 0x77, 0x79, 0x40, 0xC7, 0x8C, 0x73, 0xFE, 0x6F, 0x2B, 0xEE, 0x6C, 0x03, 0x52]);

    private static readonly FieldElement s_twoD = s_d + s_d;

    private readonly FieldElement _x;
    private readonly FieldElement _y;
    private readonly FieldElement _z;
    private readonly FieldElement _t;

    private EdwardsPoint(in FieldElement x, in FieldElement y, in FieldElement z, in FieldElement t) => (_x, _y, _z, _t) = (x, y, z, t);

    /// <summary>The neutral element.</summary>
    public static EdwardsPoint Identity { get; } = new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>The generator B: y = 4/5, and x is even.</summary>
    public static EdwardsPoint Generator { get; } = MakeGenerator();

    /// <summary>Whether the point is the neutral element. The result is public.</summary>
    public bool IsIdentity => _x.IsZero && (_y - _z).IsZero;

    /// <summary>Decodes a point by RFC 8032, section 5.1.3: refuses y from p on, y without x, and x = 0 with a sign.</summary>
    /// <param name="encoded">32 bytes.</param>
    /// <param name="point">The point.</param>
    /// <returns>Whether the bytes encode a point.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out EdwardsPoint point)
    {
        point = Identity;
        FieldElement y = FieldElement.Decode(encoded);
        Span<byte> canonical = stackalloc byte[Bytes];
        y.Encode(canonical);
        bool isOdd = (encoded[31] & 0x80) != 0;
        canonical[31] |= (byte)(encoded[31] & 0x80);
        if (!canonical.SequenceEqual(encoded))
        {
            return false;
        }

        // The denominator d y^2 + 1 is never zero, because -1 is a square and d is not.
        FieldElement square = y.Square();
        ulong isSquare = FieldElement.SquareRoot(
            square - FieldElement.One, (s_d * square) + FieldElement.One, out FieldElement x);
        if (isSquare == 0 || (x.IsZero && isOdd))
        {
            return false;
        }

        x = x.IsOdd == isOdd ? x : -x;
        point = new EdwardsPoint(x, y, FieldElement.One, x * y);
        return true;
    }

    /// <summary>Writes the point in 32 bytes: y, and in the highest bit whether x is odd.</summary>
    public void Encode(Span<byte> destination)
    {
        FieldElement inverse = _z.Invert();
        (_y * inverse).Encode(destination);
        Span<byte> x = stackalloc byte[Bytes];
        (_x * inverse).Encode(x);
        destination[31] |= (byte)(x[0] << 7);
        Secret.Clear(x);
    }

    // The formulas are complete on this curve: they hold for all pairs of points, also for equal ones and the neutral element
    // (Hisil, Wong, Carter, Dawson 2008, section 3.1).
    public static EdwardsPoint operator +(in EdwardsPoint p, in EdwardsPoint q)
    {
        FieldElement a = (p._y - p._x) * (q._y - q._x);
        FieldElement b = (p._y + p._x) * (q._y + q._x);
        FieldElement c = p._t * s_twoD * q._t;
        FieldElement d = p._z * (q._z + q._z);
        return FromParts(b - a, d - c, d + c, b + a);
    }

    public static EdwardsPoint operator -(in EdwardsPoint p, in EdwardsPoint q) => p + new EdwardsPoint(-q._x, q._y, q._z, -q._t);

    public EdwardsPoint Double()
    {
        FieldElement a = _x.Square();
        FieldElement b = _y.Square();
        FieldElement c = _z.Square();
        FieldElement sum = a + b;
        FieldElement g = a - b;
        return FromParts(sum - (_x + _y).Square(), c + c + g, g, sum);
    }

    /// <summary>Returns eight times the point: the part in the subgroup of prime order, times eight.</summary>
    public EdwardsPoint MultiplyByCofactor() => Double().Double().Double();

    /// <summary>Returns a multiple of the point. Takes the same steps for every scalar.</summary>
    /// <param name="scalar">32 bytes, least significant first.</param>
    public EdwardsPoint Multiply(ReadOnlySpan<byte> scalar)
    {
        EdwardsPoint result = Identity;
        for (int bit = (8 * Bytes) - 1; bit >= 0; bit--)
        {
            result = result.Double();
            ulong mask = 0UL - (ulong)((scalar[bit >> 3] >> (bit & 7)) & 1);
            result = Select(mask, result, result + this);
        }

        return result;
    }

    /// <summary>Returns the point x = e/g, y = h/f, named as in the formulas of Hisil et al. If f or g is zero, the result is not a
    /// point.</summary>
    public static EdwardsPoint FromParts(in FieldElement e, in FieldElement f, in FieldElement g, in FieldElement h) =>
        new(e * f, g * h, f * g, e * h);

    /// <summary>Returns the second point if all bits of the mask are set, and the first if the mask is zero.</summary>
    public static EdwardsPoint Select(ulong mask, in EdwardsPoint first, in EdwardsPoint second) => new(
        FieldElement.Select(mask, first._x, second._x),
        FieldElement.Select(mask, first._y, second._y),
        FieldElement.Select(mask, first._z, second._z),
        FieldElement.Select(mask, first._t, second._t));

    private static EdwardsPoint MakeGenerator()
    {
        Span<byte> encoded = stackalloc byte[Bytes];
        encoded.Fill(0x66);
        encoded[0] = 0x58;
        _ = TryDecode(encoded, out EdwardsPoint generator);
        return generator;
    }
}
