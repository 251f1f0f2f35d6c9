using System.Numerics;

namespace Estream.Witness;

/// <summary>Creates the proofs of RFC 9162, sections 2.1.3.1 and 2.1.4.1, which <see cref="MerkleProof"/> verifies.</summary>
/// <remarks>Thread-safe if the source of the nodes is. A proof has at most one hash per level of the tree.</remarks>
public static class MerkleProver
{
    /// <summary>Computes the root over the first leaves of a tree.</summary>
    /// <param name="nodes">The tree.</param>
    /// <param name="size">The number of leaves.</param>
    /// <param name="root">Receives the root: exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The size is negative, or the span for the root has the wrong length.</exception>
    public static void GetRoot(IMerkleNodes nodes, long size, Span<byte> root)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        MerkleTree.RequireHash(root.Length, nameof(root));
        if (size == 0)
        {
            MerkleTree.HashEmpty(root);
        }
        else
        {
            HashRange(nodes, 0, size, root);
        }
    }

    /// <summary>Proves that a leaf is in a tree.</summary>
    /// <param name="nodes">The tree, or a larger one that extends it.</param>
    /// <param name="index">The index of the leaf, counted from 0.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <returns>The hashes of the inclusion proof, concatenated.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf, or a node is unknown.</exception>
    public static byte[] ProveInclusion(IMerkleNodes nodes, long index, long size)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new ProofPath(nodes);
        long first = 0;
        var others = new Stack<(long First, long Count)>();
        while (size > 1)
        {
            // PATH of the RFC, from the root down. The proof lists the hashes from the leaf up.
            long left = LeftOf(size);
            if (index < left)
            {
                others.Push((first + left, size - left));
                size = left;
            }
            else
            {
                others.Push((first, left));
                (first, index, size) = (first + left, index - left, size - left);
            }
        }

        foreach ((long start, long count) in others)
        {
            path.Add(start, count);
        }

        return path.ToArray();
    }

    /// <summary>Proves that a tree extends a smaller one: nothing in the smaller tree was changed, removed or inserted.</summary>
    /// <param name="nodes">The larger tree, or one that extends it.</param>
    /// <param name="oldSize">The number of leaves of the smaller tree, at least 1.</param>
    /// <param name="newSize">The number of leaves of the larger tree.</param>
    /// <returns>The hashes of the consistency proof, concatenated; empty if the trees are equal.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The sizes are out of range, or a node is unknown.</exception>
    public static byte[] ProveConsistency(IMerkleNodes nodes, long oldSize, long newSize)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var path = new ProofPath(nodes);
        var others = new Stack<(long First, long Count)>();
        long first = 0, size = newSize;
        bool isWhole = true;
        while (oldSize != size)
        {
            // SUBPROOF of the RFC, from the root down.
            long left = LeftOf(size);
            if (oldSize <= left)
            {
                others.Push((first + left, size - left));
                size = left;
            }
            else
            {
                others.Push((first, left));
                (first, oldSize, size, isWhole) = (first + left, oldSize - left, size - left, false);
            }
        }

        if (!isWhole)
        {
            path.Add(first, size);
        }

        foreach ((long start, long count) in others)
        {
            path.Add(start, count);
        }

        return path.ToArray();
    }

    // Returns the largest power of two below a size: the number of leaves of the left subtree.
    private static long LeftOf(long size) => 1L << BitOperations.Log2((ulong)size - 1);

    // The node of a full subtree is known. Any other subtree has a full left child.
    private static void HashRange(IMerkleNodes nodes, long first, long count, Span<byte> hash)
    {
        if (long.IsPow2(count))
        {
            int level = BitOperations.Log2((ulong)count);
            nodes.GetNode(level, first >> level, hash);
            return;
        }

        long left = LeftOf(count);
        Span<byte> leftHash = stackalloc byte[MerkleTree.HashBytes];
        HashRange(nodes, first, left, leftHash);
        HashRange(nodes, first + left, count - left, hash);
        MerkleTree.HashNode(leftHash, hash, hash);
    }

    /// <summary>Collects the hashes of a proof.</summary>
    private sealed class ProofPath(IMerkleNodes nodes)
    {
        private readonly byte[] _hashes = new byte[MerkleProof.MaxBytes];
        private int _length;

        public void Add(long first, long count)
        {
            HashRange(nodes, first, count, _hashes.AsSpan(_length, MerkleTree.HashBytes));
            _length += MerkleTree.HashBytes;
        }

        public byte[] ToArray() => _hashes[.._length];
    }
}
