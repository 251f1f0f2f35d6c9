namespace Estream.Witness;

/// <summary>The nodes of a tree, from which proofs are made.</summary>
public interface IMerkleNodes
{
    /// <summary>Gives the root of a full subtree.</summary>
    /// <param name="level">It is over two to the power of this many leaves.</param>
    /// <param name="index">Its place among those of its level: it begins with the leaf index · 2^level.</param>
    /// <param name="hash">Becomes it, <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such node, or its source does not know it.</exception>
    void GetNode(int level, long index, Span<byte> hash);
}
