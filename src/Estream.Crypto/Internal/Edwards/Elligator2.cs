using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Crypto.Internal.Edwards;

/// <summary>
/// Maps bytes to points of edwards25519 by the suite edwards25519_XMD:SHA-512_ELL2_NU_ (RFC 9380, section 8.5). The steps depend
/// only on the length of the input.
/// </summary>
internal static class Elligator2
{
    // The length L of hash_to_field: 48 bytes, so that the reduced value is close to uniform.
    private const int WideBytes = 48;
    private const int BlockBytes = 128;

    // Curve25519 is t^2 = s^3 + J s^2 + s.
    private static readonly FieldElement s_j = Small(486662);
    private static readonly FieldElement s_oneMinusRoot = FieldElement.One - FieldElement.RootOfMinusOne;
    private static readonly FieldElement s_scale = MakeScale();
    private static readonly FieldElement s_twoTo192 = MakeTwoTo192();

    /// <summary>Computes encode_to_curve (RFC 9380, section 3) of the salt followed by the message.</summary>
    /// <param name="tag">The domain separation tag: at most 255 bytes.</param>
    /// <param name="salt">The first part of the message.</param>
    /// <param name="message">The second part of the message.</param>
    public static EdwardsPoint EncodeToCurve(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> message) =>
        Map(HashToField(tag, salt, message)).MultiplyByCofactor();

    /// <summary>Computes hash_to_field for one element (RFC 9380, section 5.2) with expand_message_xmd (section 5.3.1).</summary>
    public static FieldElement HashToField(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> message)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        byte tagBytes = checked((byte)tag.Length);
        hash.AppendData(block);
        hash.AppendData(salt);
        hash.AppendData(message);
        hash.AppendData([0, WideBytes, 0]);
        hash.AppendData(tag);
        hash.AppendData([tagBytes]);
        _ = hash.GetHashAndReset(digest);
        hash.AppendData(digest);
        hash.AppendData([1]);
        hash.AppendData(tag);
        hash.AppendData([tagBytes]);
        _ = hash.GetHashAndReset(digest);

        // The first 48 bytes are an integer, most significant byte first.
        digest[..WideBytes].Reverse();
        Span<byte> half = stackalloc byte[FieldElement.Bytes];
        half.Clear();
        digest[..(WideBytes / 2)].CopyTo(half);
        FieldElement low = FieldElement.Decode(half);
        digest.Slice(WideBytes / 2, WideBytes / 2).CopyTo(half);
        return low + (FieldElement.Decode(half) * s_twoTo192);
    }

    /// <summary>Maps a field element to a point, not necessarily in the subgroup of prime order (RFC 9380, section 6.8.2).</summary>
    public static EdwardsPoint Map(in FieldElement u)
    {
        // s1 = -J/n with n = 1 + 2u^2. n is never zero, because -1/2 is not a square. s2 = -s1 - J = 2u^2 s1.
        FieldElement square = u.Square();
        FieldElement twoSquares = square + square;
        FieldElement n = FieldElement.One + twoSquares;
        FieldElement s1 = -s_j;
        FieldElement cube = n.Square() * n;
        FieldElement g1 = s1 * (s1.Square() + (s_j * s1 * n) + n.Square());
        ulong isSquare = FieldElement.SquareRoot(g1, cube, out FieldElement root);

        // If g(s1) = g1/n^3 is not a square, root^2 = i g(s1) with i^2 = -1. Then g(s2) = 2u^2 g(s1), and its root is u (1 - i) root,
        // because (1 - i)^2 = -2i. t is odd for s1 and even for s2.
        FieldElement t = FieldElement.Select(isSquare, u * s_oneMinusRoot * root, root);
        t = FieldElement.Select(t.OddMask ^ isSquare, t, -t);
        FieldElement s = FieldElement.Select(isSquare, s1 * twoSquares, s1);

        // With s/n for s: x = sqrt(-486664) s/t and y = (s - 1)/(s + 1). A zero denominator gives the neutral element
        // (section 6.8.1).
        FieldElement g = n * t;
        FieldElement f = s + n;
        EdwardsPoint point = EdwardsPoint.FromParts(s_scale * s, f, g, s - n);
        return EdwardsPoint.Select((g * f).ZeroMask, point, EdwardsPoint.Identity);
    }

    // The even square root of -(J + 2).
    private static FieldElement MakeScale()
    {
        _ = FieldElement.SquareRoot(-Small(486664), FieldElement.One, out FieldElement root);
        return FieldElement.Select(root.OddMask, root, -root);
    }

    private static FieldElement MakeTwoTo192()
    {
        Span<byte> encoded = stackalloc byte[FieldElement.Bytes];
        encoded.Clear();
        encoded[24] = 1;
        return FieldElement.Decode(encoded);
    }

    private static FieldElement Small(int value)
    {
        Span<byte> encoded = stackalloc byte[FieldElement.Bytes];
        encoded.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(encoded, value);
        return FieldElement.Decode(encoded);
    }
}
