using Estream.Crypto.Internal;
using Estream.Crypto.Internal.Edwards;
using Estream.Crypto.Internal.Vrf;

namespace Estream.Crypto;

/// <summary>A public key of <see cref="Ecvrf"/>: verifies proofs of the matching private key.</summary>
/// <remarks>Immutable and thread-safe. Does not need OpenSSL.</remarks>
public sealed class EcvrfPublicKey
{
    private readonly byte[] _encoded;
    private readonly EdwardsPoint _point;

    private EcvrfPublicKey(byte[] encoded, in EdwardsPoint point, EcvrfSuite suite) => (_encoded, _point, Suite) = (encoded, point, suite);

    /// <summary>The encoded key: <see cref="Ecvrf.PublicKeyBytes"/> bytes.</summary>
    public ReadOnlyMemory<byte> Encoded => _encoded;

    /// <summary>The cipher suite. The encoded key does not name the suite.</summary>
    public EcvrfSuite Suite { get; }

    /// <summary>Reads and validates a key (RFC 9381, section 5.4.5).</summary>
    /// <param name="encoded"><see cref="Ecvrf.PublicKeyBytes"/> bytes from any source. Copied.</param>
    /// <param name="suite">The cipher suite that the owner of the key uses.</param>
    /// <exception cref="EstreamInvalidKeyException">The key has the wrong length (<see cref="KeyFault.Length"/>), or is not a point of the
    /// curve in its only encoding, or has a small order, so that outputs would be predictable (<see cref="KeyFault.Point"/>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The suite is unknown.</exception>
    public static EcvrfPublicKey Import(ReadOnlySpan<byte> encoded, EcvrfSuite suite = EcvrfSuite.TryAndIncrement)
    {
        KeyCheck.Length(encoded, Ecvrf.PublicKeyBytes, Ecvrf.NameOf(suite), "public key");
        if (!EdwardsPoint.TryDecode(encoded, out EdwardsPoint point) || point.MultiplyByCofactor().IsIdentity)
        {
            KeyCheck.ThrowPoint(Ecvrf.NameOf(suite));
        }

        return new EcvrfPublicKey(encoded.ToArray(), point, suite);
    }

    /// <summary>Verifies a proof and returns the output that it proves. Takes about half a millisecond.</summary>
    /// <param name="input">The input (alpha_string), of any length.</param>
    /// <param name="proof">The proof (pi_string), from any source.</param>
    /// <param name="output">Receives the output (beta_string): exactly <see cref="Ecvrf.OutputBytes"/> bytes. Zeros if the proof is
    /// refused.</param>
    /// <returns>Whether the owner of this key computed the output for this input.</returns>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    public bool TryVerify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> proof, Span<byte> output)
    {
        KeyCheck.Argument(output.Length, Ecvrf.OutputBytes, nameof(output));
        output.Clear();
        if (!EcvrfProof.TryDecode(proof, out EdwardsPoint gamma)
            || !EcvrfHash.TryEncodeToCurve(Suite, _encoded, input, out EdwardsPoint h))
        {
            return false;
        }

        ReadOnlySpan<byte> s = EcvrfProof.Response(proof);
        Span<byte> c = stackalloc byte[EdwardsScalar.Bytes];
        c.Clear();
        EcvrfProof.Challenge(proof).CopyTo(c);
        EdwardsPoint u = EdwardsPoint.Generator.Multiply(s) - _point.Multiply(c);
        EdwardsPoint v = h.Multiply(s) - gamma.Multiply(c);
        Span<byte> expected = stackalloc byte[EcvrfProof.ChallengeBytes];
        EcvrfHash.Challenge(Suite, _encoded, h, gamma, u, v, expected);
        if (!expected.SequenceEqual(EcvrfProof.Challenge(proof)))
        {
            return false;
        }

        EcvrfHash.Output(Suite, gamma, output);
        return true;
    }
}
