using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Marketplace.Hashing;

/// <summary>Computes Merkle tree hashes as defined by RFC 9162, section 2.1, with SHA-256 or SHA3-256.</summary>
/// <remarks>
/// A leaf is hashed with the prefix byte 0 and an inner node with the prefix byte 1, so a leaf cannot be mistaken for a node. Thread-safe.
/// Hashing a node, or a leaf of up to 511 bytes, allocates nothing; computing a root allocates once, half the size of its leaf hashes.
/// </remarks>
public static class Rfc9162
{
    /// <summary>The size of every hash, in bytes: of a leaf, a node and a root.</summary>
    public const int HashBytes = 32;

    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    // Shorter leaves are hashed from the stack.
    private const int LeafBytesOnStack = 512;

    /// <summary>Computes the plain hash of some bytes.</summary>
    /// <param name="kind">The hash function.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="hash">Receives the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="hash"/> has another length.</exception>
    public static void HashBytesOf(TreeHash kind, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        RequireHash(hash.Length, nameof(hash));
        if (kind == TreeHash.Sha256)
        {
            SHA256.HashData(data, hash);
        }
        else
        {
            Sha3Lanes.Hash(data, hash);
        }
    }

    /// <summary>Computes the hash of a leaf.</summary>
    /// <param name="kind">The hash function.</param>
    /// <param name="leaf">The content of the leaf.</param>
    /// <param name="hash">Receives the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="hash"/> has another length.</exception>
    public static void HashLeaf(TreeHash kind, ReadOnlySpan<byte> leaf, Span<byte> hash)
    {
        RequireHash(hash.Length, nameof(hash));
        if (kind == TreeHash.Sha3)
        {
            Sha3Lanes.Hash([LeafPrefix], leaf, hash);
            return;
        }

        Span<byte> prefixed = leaf.Length < LeafBytesOnStack ? stackalloc byte[LeafBytesOnStack] : new byte[1 + leaf.Length];
        prefixed[0] = LeafPrefix;
        leaf.CopyTo(prefixed[1..]);
        SHA256.HashData(prefixed[..(1 + leaf.Length)], hash);
    }

    /// <summary>Computes the hash of a node from the hashes of its children.</summary>
    /// <param name="kind">The hash function.</param>
    /// <param name="left">The hash of the left child, over the earlier leaves, <see cref="HashBytes"/> bytes.</param>
    /// <param name="right">The hash of the right child, over the later leaves, <see cref="HashBytes"/> bytes.</param>
    /// <param name="hash">Receives the hash; may overlap <paramref name="left"/> or <paramref name="right"/>.</param>
    /// <exception cref="ArgumentException">An argument has another length.</exception>
    public static void HashNode(TreeHash kind, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        RequireHash(left.Length, nameof(left));
        RequireHash(right.Length, nameof(right));
        Span<byte> both = stackalloc byte[1 + (2 * HashBytes)];
        both[0] = NodePrefix;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + HashBytes)..]);
        HashBytesOf(kind, both, hash);
    }

    /// <summary>Computes the root of the tree over leaf hashes; the root of an empty tree is the hash of no bytes. Costs one hash less than
    /// there are leaves.</summary>
    /// <param name="kind">The hash function.</param>
    /// <param name="leafHashes">The concatenated hashes of the leaves, in order.</param>
    /// <param name="root">Receives the root, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="leafHashes"/> is not a multiple of <see cref="HashBytes"/>, or
    /// <paramref name="root"/> has another length.</exception>
    public static void HashRoot(TreeHash kind, ReadOnlySpan<byte> leafHashes, Span<byte> root)
    {
        RequireHash(root.Length, nameof(root));
        if (leafHashes.Length % HashBytes != 0)
        {
            throw new ArgumentException($"The leaf hashes have {leafHashes.Length} bytes, which is not a multiple of {HashBytes}.",
                nameof(leafHashes));
        }

        int count = leafHashes.Length / HashBytes;
        if (count == 0)
        {
            HashBytesOf(kind, [], root);
            return;
        }

        // Pairs of a level become the level above, and an odd last node moves up unchanged. This gives the tree of RFC 9162, whose left
        // half is the largest full subtree.
        byte[] row = new byte[(count + 1) / 2 * HashBytes];
        for (ReadOnlySpan<byte> below = leafHashes; count > 1; below = row)
        {
            int pairs = count / 2;
            for (int pair = 0; pair < pairs; pair++)
            {
                ReadOnlySpan<byte> children = below.Slice(pair * 2 * HashBytes, 2 * HashBytes);
                HashNode(kind, children[..HashBytes], children[HashBytes..], row.AsSpan(pair * HashBytes, HashBytes));
            }

            if (count % 2 != 0)
            {
                below.Slice((count - 1) * HashBytes, HashBytes).CopyTo(row.AsSpan(pairs * HashBytes));
            }

            count = pairs + (count % 2);
        }

        (leafHashes.Length == HashBytes ? leafHashes : row.AsSpan(0, HashBytes)).CopyTo(root);
    }

    private static void RequireHash(int length, string name)
    {
        if (length != HashBytes)
        {
            throw new ArgumentException($"A hash must have {HashBytes} bytes; this one has {length}.", name);
        }
    }
}

/// <summary>The hash function of a Merkle tree. Both give 32 bytes.</summary>
public enum TreeHash
{
    /// <summary>SHA-256 (FIPS 180-4), available in browsers and in all tools.</summary>
    Sha256,

    /// <summary>SHA3-256 (FIPS 202), for a second root with an independent construction.</summary>
    Sha3,
}
