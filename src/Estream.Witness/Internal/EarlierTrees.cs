using System.Numerics;

namespace Estream.Witness.Internal;

/// <summary>Restores smaller trees from the nodes of an entry. If earlier messages are gone, checking starts with one of these
/// trees.</summary>
internal static class EarlierTrees
{
    /// <summary>Returns the smallest tree that can be restored and has at least the given number of leaves. The tree's nodes are not
    /// signed, but wrong nodes do not yield the signed root.</summary>
    public static MerkleFrontier FirstFrom(long leaves, WitnessEntry? before, WitnessEntry entry)
    {
        MerkleFrontier own = OfNodes(leaves, entry);
        long aligned = (leaves + MerkleBlocks.Leaves - 1) / MerkleBlocks.Leaves * MerkleBlocks.Leaves;
        return (before is null && entry.PreviousSize != 0) || aligned >= own.Size ? own : OfBlocks(aligned, before, entry);
    }

    // An entry stores the roots of its full subtrees, largest first. Any number of roots from the start of this list also forms a tree.
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

    // A tree of whole blocks has the same nodes as a tree whose leaves are the blocks. These nodes follow from the nodes of the previous
    // entry, if any, and the blocks added since.
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
