using System.Numerics;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Whether a leaf is in a tree, and whether one tree is the beginning of another: RFC 9162, sections 2.1.3.2 and 2.1.4.2, with
/// SHA-256.</summary>
/// <remarks>Answers and never throws, whatever it is given: a proof comes from whoever is to be checked. Thread-safe; allocates
/// nothing.</remarks>
public static class LogProof
{
    /// <summary>Bytes of every hash.</summary>
    public const int HashBytes = Rfc9162.HashBytes;

    /// <summary>The most hashes of a proof: one for each level of a tree of 2^63 leaves.</summary>
    public const int MaxHashes = 63;

    /// <summary>Whether a leaf is in a tree.</summary>
    /// <param name="index">Where it is said to be, from 0.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="leafHash">The leaf's hash.</param>
    /// <param name="root">The root of the tree, known from elsewhere.</param>
    /// <param name="path">The proof: hashes one behind the other, the one nearest to the leaf first.</param>
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

    /// <summary>Whether a tree begins with the leaves of a smaller one.</summary>
    /// <param name="size">Leaves of the smaller tree. Every tree begins with that of none, which needs no hashes.</param>
    /// <param name="laterSize">Leaves of the larger one. Where both have as many, the roots are equal and there are no hashes.</param>
    /// <param name="root">Root of the smaller tree.</param>
    /// <param name="laterRoot">Root of the larger tree.</param>
    /// <param name="path">The proof: hashes one behind the other.</param>
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

        // The standard leaves the smaller root out where it is a node of the larger tree: it then begins the climb itself.
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

    // Where the node is the last of its level and has no sibling, it goes up as it is until it has one.
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
