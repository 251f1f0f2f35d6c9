namespace Estream.Crypto.Internal.Keccak;

/// <summary>The rate of each function of FIPS 202, in bytes, and the suffix appended to a message.</summary>
internal static class KeccakRate
{
    /// <summary>Bytes per permutation of SHA3-256.</summary>
    public const int Sha3_256 = 136;

    /// <summary>Bytes per permutation of SHA3-512.</summary>
    public const int Sha3_512 = 72;

    /// <summary>Bytes per permutation of SHAKE128.</summary>
    public const int Shake128 = 168;

    /// <summary>Bytes per permutation of SHAKE256.</summary>
    public const int Shake256 = 136;

    /// <summary>The bits 01 and the first bit of the padding.</summary>
    public const byte Sha3Suffix = 0x06;

    /// <summary>The bits 1111 and the first bit of the padding.</summary>
    public const byte ShakeSuffix = 0x1F;
}
