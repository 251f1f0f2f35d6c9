using System.Security.Cryptography;
using Estream.Crypto.Internal.Edwards;

namespace Estream.Crypto.Internal.Vrf;

/// <summary>The hashes of ECVRF (RFC 9381, section 5.4), named as in the standard. They depend on the suite (section 5.5).</summary>
internal static class EcvrfHash
{
    private const byte EncodeToCurveFront = 0x01;
    private const byte ChallengeFront = 0x02;
    private const byte ProofToHashFront = 0x03;
    private const byte Back = 0x00;
    private const int MaxAttempts = 256;

    // "ECVRF_", the name of the suite of RFC 9380, and suite_string (section 5.5).
    private static ReadOnlySpan<byte> Elligator2Tag => "ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\u0004"u8;

    /// <summary>Maps an input to the point H (section 5.4.1). Always succeeds with Elligator 2.</summary>
    public static bool TryEncodeToCurve(EcvrfSuite suite, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> input, out EdwardsPoint point)
    {
        if (suite != EcvrfSuite.Elligator2)
        {
            return TryAndIncrement(publicKey, input, out point);
        }

        point = Elligator2.EncodeToCurve(Elligator2Tag, publicKey, input);
        return true;
    }

    /// <summary>Derives the nonce k from the key and H (section 5.4.2.2).</summary>
    public static void Nonce(ReadOnlySpan<byte> prefix, in EdwardsPoint h, Span<byte> nonce)
    {
        Span<byte> data = stackalloc byte[2 * EdwardsPoint.Bytes];
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        prefix.CopyTo(data);
        h.Encode(data[EdwardsPoint.Bytes..]);
        _ = SHA512.HashData(data, digest);
        EdwardsScalar.Reduce(digest, nonce);
        Secret.Clear(data);
        Secret.Clear(digest);
    }

    /// <summary>Computes the challenge c (section 5.4.3).</summary>
    public static void Challenge(
        EcvrfSuite suite,
        ReadOnlySpan<byte> publicKey,
        in EdwardsPoint h,
        in EdwardsPoint gamma,
        in EdwardsPoint u,
        in EdwardsPoint v,
        Span<byte> challenge)
    {
        const int Points = 5;
        Span<byte> data = stackalloc byte[2 + (Points * EdwardsPoint.Bytes) + 1];
        (data[0], data[1], data[^1]) = (SuiteString(suite), ChallengeFront, Back);
        Span<byte> points = data[2..^1];
        publicKey.CopyTo(points);
        h.Encode(points[EdwardsPoint.Bytes..]);
        gamma.Encode(points[(2 * EdwardsPoint.Bytes)..]);
        u.Encode(points[(3 * EdwardsPoint.Bytes)..]);
        v.Encode(points[(4 * EdwardsPoint.Bytes)..]);
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        _ = SHA512.HashData(data, digest);
        digest[..EcvrfProof.ChallengeBytes].CopyTo(challenge);
    }

    /// <summary>Computes the output from Gamma (section 5.2).</summary>
    public static void Output(EcvrfSuite suite, in EdwardsPoint gamma, Span<byte> output)
    {
        Span<byte> data = stackalloc byte[2 + EdwardsPoint.Bytes + 1];
        (data[0], data[1], data[^1]) = (SuiteString(suite), ProofToHashFront, Back);
        gamma.MultiplyByCofactor().Encode(data[2..]);
        _ = SHA512.HashData(data, output);
    }

    // Section 5.4.1.1. The number of attempts depends on the input.
    private static bool TryAndIncrement(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> input, out EdwardsPoint point)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            hash.AppendData([SuiteString(EcvrfSuite.TryAndIncrement), EncodeToCurveFront]);
            hash.AppendData(publicKey);
            hash.AppendData(input);
            hash.AppendData([(byte)attempt, Back]);
            _ = hash.GetHashAndReset(digest);
            if (EdwardsPoint.TryDecode(digest[..EdwardsPoint.Bytes], out EdwardsPoint candidate))
            {
                point = candidate.MultiplyByCofactor();
                if (!point.IsIdentity)
                {
                    return true;
                }
            }
        }

        point = EdwardsPoint.Identity;
        return false;
    }

    // Section 5.5.
    private static byte SuiteString(EcvrfSuite suite) => suite == EcvrfSuite.Elligator2 ? (byte)0x04 : (byte)0x03;
}
