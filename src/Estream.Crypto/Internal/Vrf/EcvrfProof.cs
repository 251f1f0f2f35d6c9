using Estream.Crypto.Internal.Edwards;

namespace Estream.Crypto.Internal.Vrf;

/// <summary>The parts of a proof (RFC 9381, section 5.4.4): the point Gamma, the challenge c, and the response s.</summary>
internal static class EcvrfProof
{
    public const int ChallengeBytes = 16;

    /// <summary>Decodes a proof.</summary>
    /// <returns>Whether the length is right, Gamma is a point in its only encoding, and s is below the order.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> proof, out EdwardsPoint gamma)
    {
        gamma = EdwardsPoint.Identity;
        return proof.Length == Ecvrf.ProofBytes
            && EdwardsPoint.TryDecode(proof[..EdwardsPoint.Bytes], out gamma)
            && EdwardsScalar.IsCanonical(Response(proof));
    }

    public static ReadOnlySpan<byte> Challenge(ReadOnlySpan<byte> proof) => proof.Slice(EdwardsPoint.Bytes, ChallengeBytes);

    public static ReadOnlySpan<byte> Response(ReadOnlySpan<byte> proof) => proof[(EdwardsPoint.Bytes + ChallengeBytes)..];
}
