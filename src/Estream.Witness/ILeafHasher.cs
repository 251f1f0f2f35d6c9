namespace Estream.Witness;

/// <summary>Hashes the leaves of a witness outside the processor, such as on a card. Used by one thread at a time for each
/// witness.</summary>
public interface ILeafHasher
{
    /// <summary>Hashes leaves: SHA3-256 of a zero byte and the leaf, as <see cref="MerkleTree.HashLeaf"/>. Must not throw because a device
    /// is gone or fails: it must then hash on the processor.</summary>
    /// <param name="leaves">The leaves, concatenated.</param>
    /// <param name="lengths">The length of each leaf; at most 256 leaves.</param>
    /// <param name="hashes">Receives the hashes, <see cref="MerkleTree.HashBytes"/> bytes each.</param>
    void HashLeaves(ReadOnlySpan<byte> leaves, ReadOnlySpan<int> lengths, Span<byte> hashes);
}
