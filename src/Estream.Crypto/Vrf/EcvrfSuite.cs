namespace Estream.Crypto;

/// <summary>A cipher suite of <see cref="Ecvrf"/> (RFC 9381, section 5.5). The suites map the input to a point of the curve in different
/// ways. Keys, proofs and outputs have the same sizes; a proof of one suite does not verify with the other.</summary>
public enum EcvrfSuite
{
    /// <summary>ECVRF-EDWARDS25519-SHA512-TAI: try-and-increment (RFC 9381, section 5.4.1.1). The time depends on the input, so the input
    /// must be public. The default.</summary>
    TryAndIncrement,

    /// <summary>ECVRF-EDWARDS25519-SHA512-ELL2: Elligator 2, edwards25519_XMD:SHA-512_ELL2_NU_ (RFC 9381, section 5.4.1.2, and RFC 9380,
    /// section 8.5). The operations depend only on the length of the input, so the input may be secret.</summary>
    Elligator2,
}
