namespace Estream.Witness;

/// <summary>Hashes the leaves of a witness outside the processor, such as on a card. Used by one thread at a time for each
/// witness.</summary>
public interface ILeafHasher
{
    /// <summary>Hashes leaves: SHA3-256 of a zero byte and the leaf, as <see cref="MerkleTree.HashLeaf"/>. If a device is absent
    /// or fails, the implementation must hash on the processor and must not throw.</summary>
    /// <param name="leaves">The leaves, concatenated.</param>
    /// <param name="lengths">The length of each leaf; at most 256 leaves.</param>
    /// <param name="hashes">Receives the hashes, <see cref="MerkleTree.HashBytes"/> bytes each.</param>
    void HashLeaves(ReadOnlySpan<byte> leaves, ReadOnlySpan<int> lengths, Span<byte> hashes);
}
