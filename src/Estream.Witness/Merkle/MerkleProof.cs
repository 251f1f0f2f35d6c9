using System.Numerics;

namespace Estream.Witness;

/// <summary>Verifies the proofs of RFC 9162, sections 2.1.3.2 and 2.1.4.2. Never throws, whatever the input.</summary>
/// <remarks>Thread-safe; allocates nothing. Costs one or two hashes per hash of the proof. Rejects a proof longer than
/// <see cref="MaxBytes"/> without reading it.</remarks>
public static class MerkleProof
{
    /// <summary>The maximum size of a proof of any tree, in bytes.</summary>
    public const int MaxBytes = (MerkleFrontier.MaxNodes + 1) * MerkleTree.HashBytes;

    /// <summary>Returns whether an inclusion proof shows that a leaf is in a tree.</summary>
    /// <param name="index">The claimed index of the leaf, counted from 0.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="leafHash">The hash of the leaf.</param>
    /// <param name="proof">The claimed proof, of any length.</param>
    /// <param name="root">The root of the tree.</param>
    /// <returns>True if the proof is valid.</returns>
    public static bool VerifyInclusion(long index, long size, ReadOnlySpan<byte> leafHash, ReadOnlySpan<byte> proof,
        ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || leafHash.Length != MerkleTree.HashBytes || root.Length != MerkleTree.HashBytes
            || !IsProofLength(proof.Length))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[MerkleTree.HashBytes];
        leafHash.CopyTo(hash);
        ulong at = (ulong)index, last = (ulong)size - 1;
        for (; !proof.IsEmpty; proof = proof[MerkleTree.HashBytes..])
        {
            if (last == 0)
            {
                return false;
            }

            ReadOnlySpan<byte> other = proof[..MerkleTree.HashBytes];
            if (IsRightOrLast(at, last))
            {
                MerkleTree.HashNode(other, hash, hash);
                SkipLevels(ref at, ref last);
            }
            else
            {
                MerkleTree.HashNode(hash, other, hash);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && hash.SequenceEqual(root);
    }

    /// <summary>Returns whether a consistency proof shows that a tree extends a smaller one: nothing in the smaller tree was changed,
    /// removed or inserted.</summary>
    /// <param name="oldSize">The number of leaves of the smaller tree. With 0 leaves the method returns false.</param>
    /// <param name="newSize">The number of leaves of the larger tree.</param>
    /// <param name="oldRoot">The root of the smaller tree.</param>
    /// <param name="newRoot">The root of the larger tree.</param>
    /// <param name="proof">The claimed proof, of any length; empty if the trees are equal.</param>
    /// <returns>True if the proof is valid.</returns>
    public static bool VerifyConsistency(long oldSize, long newSize, ReadOnlySpan<byte> oldRoot, ReadOnlySpan<byte> newRoot,
        ReadOnlySpan<byte> proof)
    {
        if (oldSize < 1 || oldSize > newSize || oldRoot.Length != MerkleTree.HashBytes || newRoot.Length != MerkleTree.HashBytes
            || !IsProofLength(proof.Length))
        {
            return false;
        }

        if (oldSize == newSize)
        {
            return proof.IsEmpty && oldRoot.SequenceEqual(newRoot);
        }

        // If the smaller tree is a full subtree of the larger tree, the proof does not contain the smaller tree's root.
        ReadOnlySpan<byte> first = oldRoot;
        if (!long.IsPow2(oldSize))
        {
            if (proof.IsEmpty)
            {
                return false;
            }

            first = proof[..MerkleTree.HashBytes];
            proof = proof[MerkleTree.HashBytes..];
        }

        ulong at = (ulong)oldSize - 1, last = (ulong)newSize - 1;
        int whole = BitOperations.TrailingZeroCount(~at);
        return Climb(at >> whole, last >> whole, first, proof, oldRoot, newRoot);
    }

    private static bool Climb(ulong at, ulong last, ReadOnlySpan<byte> first, ReadOnlySpan<byte> proof, ReadOnlySpan<byte> oldRoot,
        ReadOnlySpan<byte> newRoot)
    {
        Span<byte> oldHash = stackalloc byte[MerkleTree.HashBytes], newHash = stackalloc byte[MerkleTree.HashBytes];
        first.CopyTo(oldHash);
        first.CopyTo(newHash);
        for (; !proof.IsEmpty; proof = proof[MerkleTree.HashBytes..])
        {
            if (last == 0)
            {
                return false;
            }

            ReadOnlySpan<byte> other = proof[..MerkleTree.HashBytes];
            if (IsRightOrLast(at, last))
            {
                MerkleTree.HashNode(other, oldHash, oldHash);
                MerkleTree.HashNode(other, newHash, newHash);
                SkipLevels(ref at, ref last);
            }
            else
            {
                MerkleTree.HashNode(newHash, other, newHash);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && oldHash.SequenceEqual(oldRoot) && newHash.SequenceEqual(newRoot);
    }

    private static bool IsProofLength(int length) => length <= MaxBytes && length % MerkleTree.HashBytes == 0;

    private static bool IsRightOrLast(ulong at, ulong last) => (at & 1) != 0 || at == last;

    // An unpaired last node of a level is also the last node of the level above.
    private static void SkipLevels(ref ulong at, ref ulong last)
    {
        while ((at & 1) == 0 && at != 0)
        {
            (at, last) = (at >> 1, last >> 1);
        }
    }
}
