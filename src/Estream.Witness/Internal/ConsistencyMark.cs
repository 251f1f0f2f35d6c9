using System.Numerics;

namespace Estream.Witness.Internal;

/// <summary>
/// A marked size of a growing tree, and the later nodes that prove that the tree still extends the tree of the marked size. Keeps at most
/// one node per level: the right neighbour of the node above the last marked leaf.
/// </summary>
internal sealed class ConsistencyMark
{
    private readonly byte[] _nodes = new byte[MerkleFrontier.MaxNodes * MerkleTree.HashBytes];
    private readonly byte[] _siblings = new byte[MerkleFrontier.MaxNodes * MerkleTree.HashBytes];

    /// <summary>The marked size; 0 for none.</summary>
    public long Size { get; private set; }

    /// <summary>Marks the current size of the tree.</summary>
    public void Set(MerkleFrontier frontier)
    {
        Size = frontier.Size;
        for (ulong left = (ulong)Size; left != 0; left &= left - 1)
        {
            int level = BitOperations.TrailingZeroCount(left);
            frontier.Node(level).CopyTo(At(_nodes, level));
        }
    }

    /// <summary>Observes new nodes of a level, and keeps the node that a proof needs, if it is among them.</summary>
    /// <param name="level">The level.</param>
    /// <param name="first">The index of the first node.</param>
    /// <param name="nodes">The nodes.</param>
    public void Observe(int level, long first, ReadOnlySpan<byte> nodes)
    {
        long at = ((Size - 1) >> level) + 1 - first;
        if (at >= 0 && at < nodes.Length / MerkleTree.HashBytes)
        {
            nodes.Slice((int)at * MerkleTree.HashBytes, MerkleTree.HashBytes).CopyTo(At(_siblings, level));
        }
    }

    /// <summary>Proves that the tree extends the tree of the marked size.</summary>
    /// <param name="frontier">The current tree.</param>
    /// <param name="proof">Receives the proof; <see cref="MerkleProof.MaxBytes"/> bytes are always enough.</param>
    /// <returns>The size of the proof, in bytes.</returns>
    public int Prove(MerkleFrontier frontier, Span<byte> proof)
    {
        int length = 0, level = BitOperations.TrailingZeroCount(Size);
        if (Size == frontier.Size)
        {
            return 0;
        }

        if (!long.IsPow2(Size))
        {
            Add(At(_nodes, level), proof, ref length);
        }

        long at = (Size - 1) >> level, last = (frontier.Size - 1) >> level;
        for (; last != 0; level++, at >>= 1, last >>= 1)
        {
            if ((at & 1) != 0)
            {
                Add(At(_nodes, level), proof, ref length);
            }
            else if (at < last)
            {
                AddRight(frontier, level, at + 1, proof, ref length);
            }
        }

        return length;
    }

    // The right sibling is either a full subtree, which was observed, or the rest of the tree after the level's last full subtree.
    private void AddRight(MerkleFrontier frontier, int level, long index, Span<byte> proof, ref int length)
    {
        if (index < frontier.Size >> level)
        {
            Add(At(_siblings, level), proof, ref length);
            return;
        }

        frontier.HashBelow(level, proof.Slice(length, MerkleTree.HashBytes));
        length += MerkleTree.HashBytes;
    }

    private static void Add(ReadOnlySpan<byte> hash, Span<byte> proof, ref int length)
    {
        hash.CopyTo(proof[length..]);
        length += MerkleTree.HashBytes;
    }

    private static Span<byte> At(byte[] hashes, int level) => hashes.AsSpan(level * MerkleTree.HashBytes, MerkleTree.HashBytes);
}
