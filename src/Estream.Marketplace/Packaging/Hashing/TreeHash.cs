namespace Estream.Marketplace.Hashing;

/// <summary>Which hash a Merkle tree is made with. Both give 32 bytes.</summary>
public enum TreeHash
{
    /// <summary>SHA-256 (FIPS 180-4): what browsers and every toolbox have.</summary>
    Sha256,

    /// <summary>SHA3-256 (FIPS 202): a second root of another construction.</summary>
    Sha3,
}
