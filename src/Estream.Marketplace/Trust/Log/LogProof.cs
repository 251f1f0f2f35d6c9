using System.Numerics;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Verifies that a leaf is in a tree, and that a tree is a prefix of another: RFC 9162, sections 2.1.3.2 and 2.1.4.2, with
/// SHA-256.</summary>
/// <remarks>Never throws, whatever the arguments: proofs come from the party under verification. Thread-safe; allocates nothing.</remarks>
public static class LogProof
{
    /// <summary>The size of a hash, in bytes.</summary>
    public const int HashBytes = Rfc9162.HashBytes;

    /// <summary>The maximum number of hashes in a proof: one for each level of a tree of 2^63 leaves.</summary>
    public const int MaxHashes = 63;

    /// <summary>Verifies an inclusion proof.</summary>
    /// <param name="index">The claimed index of the leaf, from 0.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="leafHash">The hash of the leaf.</param>
    /// <param name="root">The trusted root of the tree.</param>
    /// <param name="path">The proof: concatenated hashes, starting next to the leaf.</param>
    public static bool VerifyInclusion(long index, long size, ReadOnlySpan<byte> leafHash, ReadOnlySpan<byte> root, ReadOnlySpan<byte> path)
    {
        if (index < 0 || index >= size || leafHash.Length != HashBytes || root.Length != HashBytes || path.Length % HashBytes != 0)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HashBytes];
        leafHash.CopyTo(hash);
        long at = index, last = size - 1;
        for (; !path.IsEmpty; path = path[HashBytes..], at >>= 1, last >>= 1)
        {
            if (last == 0)
            {
                return false;
            }

            ReadOnlySpan<byte> sibling = path[..HashBytes];
            if ((at & 1) != 0 || at == last)
            {
                Rfc9162.HashNode(TreeHash.Sha256, sibling, hash, hash);
                SkipEmptyLevels(ref at, ref last);
            }
            else
            {
                Rfc9162.HashNode(TreeHash.Sha256, hash, sibling, hash);
            }
        }

        return last == 0 && hash.SequenceEqual(root);
    }

    /// <summary>Verifies a consistency proof: that a tree begins with the leaves of a smaller tree.</summary>
    /// <param name="size">The number of leaves of the smaller tree. Every tree is consistent with the empty tree; that proof has no
    /// hashes.</param>
    /// <param name="laterSize">The number of leaves of the larger tree. If the sizes are equal, the roots must be equal and the proof
    /// empty.</param>
    /// <param name="root">The root of the smaller tree.</param>
    /// <param name="laterRoot">The root of the larger tree.</param>
    /// <param name="path">The proof: concatenated hashes.</param>
    public static bool VerifyConsistency(long size, long laterSize, ReadOnlySpan<byte> root, ReadOnlySpan<byte> laterRoot,
        ReadOnlySpan<byte> path)
    {
        if (size < 0 || size > laterSize || root.Length != HashBytes || laterRoot.Length != HashBytes || path.Length % HashBytes != 0)
        {
            return false;
        }

        if (size == 0)
        {
            return path.IsEmpty && IsEmptyRoot(root) && (laterSize != 0 || IsEmptyRoot(laterRoot));
        }

        if (size == laterSize)
        {
            return path.IsEmpty && root.SequenceEqual(laterRoot);
        }

        // RFC 9162 omits the smaller root from the proof if it is a node of the larger tree; verification then starts from that root.
        bool isNode = BitOperations.IsPow2(size);
        if (!isNode && path.IsEmpty)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HashBytes], laterHash = stackalloc byte[HashBytes];
        (isNode ? root : path[..HashBytes]).CopyTo(hash);
        hash.CopyTo(laterHash);
        int low = BitOperations.TrailingZeroCount(~(size - 1));
        return Climb((size - 1) >> low, (laterSize - 1) >> low, hash, laterHash, isNode ? path : path[HashBytes..])
            && hash.SequenceEqual(root) && laterHash.SequenceEqual(laterRoot);
    }

    private static bool Climb(long at, long last, Span<byte> hash, Span<byte> laterHash, ReadOnlySpan<byte> path)
    {
        for (; !path.IsEmpty; path = path[HashBytes..], at >>= 1, last >>= 1)
        {
            if (last == 0)
            {
                return false;
            }

            ReadOnlySpan<byte> sibling = path[..HashBytes];
            if ((at & 1) != 0 || at == last)
            {
                Rfc9162.HashNode(TreeHash.Sha256, sibling, hash, hash);
                Rfc9162.HashNode(TreeHash.Sha256, sibling, laterHash, laterHash);
                SkipEmptyLevels(ref at, ref last);
            }
            else
            {
                Rfc9162.HashNode(TreeHash.Sha256, laterHash, sibling, laterHash);
            }
        }

        return last == 0;
    }

    // A node that is the last of its level has no sibling and moves up unchanged until it has one.
    private static void SkipEmptyLevels(ref long at, ref long last)
    {
        while ((at & 1) == 0 && at != 0)
        {
            at >>= 1;
            last >>= 1;
        }
    }

    private static bool IsEmptyRoot(ReadOnlySpan<byte> root)
    {
        Span<byte> empty = stackalloc byte[HashBytes];
        Rfc9162.HashRoot(TreeHash.Sha256, [], empty);
        return root.SequenceEqual(empty);
    }
}
