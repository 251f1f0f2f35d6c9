using System.Numerics;

namespace Estream.Witness.Internal;

/// <summary>The trees of fewer leaves that an entry tells of besides its own: from one of them on, messages are checked where those before
/// them are gone.</summary>
internal static class EarlierTrees
{
    /// <summary>The smallest such tree that is not smaller than a number of leaves. What it is made of is not signed, but gives the signed
    /// root or is refused.</summary>
    public static MerkleFrontier FirstFrom(long leaves, WitnessEntry? before, WitnessEntry entry)
    {
        MerkleFrontier own = OfNodes(leaves, entry);
        long aligned = (leaves + MerkleBlocks.Leaves - 1) / MerkleBlocks.Leaves * MerkleBlocks.Leaves;
        return (before is null && entry.PreviousSize != 0) || aligned >= own.Size ? own : OfBlocks(aligned, before, entry);
    }

    // The full subtrees of an entry stand one behind the other: the first so many of them are a tree as well.
    private static MerkleFrontier OfNodes(long leaves, WitnessEntry entry)
    {
        ulong size = 0, left = (ulong)entry.Attestation.Head.TreeSize;
        int count = 0;
        for (; size < (ulong)leaves; count++)
        {
            ulong bit = 1UL << BitOperations.Log2(left);
            (size, left) = (size | bit, left & ~bit);
        }

        return MerkleFrontier.Resume((long)size, entry.Nodes[..(count * MerkleTree.HashBytes)]);
    }

    // Counted in blocks a tree has the same nodes: those of the entry before, if there is one, and behind them the blocks that have come in
    // since.
    private static MerkleFrontier OfBlocks(long size, WitnessEntry? before, WitnessEntry entry)
    {
        long blocks = entry.PreviousSize >> MerkleBlocks.Level;
        MerkleFrontier tree = before is null
            ? new MerkleFrontier()
            : MerkleFrontier.Resume(blocks, before.Nodes[..(BitOperations.PopCount((ulong)blocks) * MerkleTree.HashBytes)]);
        tree.Append(entry.Blocks[..(int)(((size >> MerkleBlocks.Level) - blocks) * MerkleTree.HashBytes)]);
        byte[] nodes = new byte[tree.NodeCount * MerkleTree.HashBytes];
        tree.CopyNodes(nodes);
        return MerkleFrontier.Resume(size, nodes);
    }
}
