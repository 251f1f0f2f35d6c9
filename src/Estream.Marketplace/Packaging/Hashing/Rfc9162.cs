using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Marketplace.Hashing;

/// <summary>Merkle trees as RFC 9162, section 2.1, hashes them, over SHA-256 or SHA3-256.</summary>
/// <remarks>
/// A leaf is hashed behind a byte 0, an inner node behind a byte 1, so that no leaf can be taken for a node. Thread-safe. A node allocates
/// nothing, nor does a leaf of up to 511 bytes; a root allocates half of its leaves once.
/// </remarks>
public static class Rfc9162
{
    /// <summary>Bytes of every hash: of a leaf, of a node, of a root.</summary>
    public const int HashBytes = 32;

    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    // Shorter leaves are hashed from the stack.
    private const int LeafBytesOnStack = 512;

    /// <summary>The plain hash of some bytes, of which trees are made.</summary>
    /// <param name="kind">With what it is hashed.</param>
    /// <param name="data">Any bytes.</param>
    /// <param name="hash">Becomes the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
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

    /// <summary>The hash of a leaf.</summary>
    /// <param name="kind">With what it is hashed.</param>
    /// <param name="leaf">What is in it.</param>
    /// <param name="hash">Becomes the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
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

    /// <summary>The hash of the node above two others.</summary>
    /// <param name="kind">With what it is hashed.</param>
    /// <param name="left">The one of the earlier leaves, <see cref="HashBytes"/> bytes.</param>
    /// <param name="right">The one of the later leaves, <see cref="HashBytes"/> bytes.</param>
    /// <param name="hash">Becomes the hash; may be the memory of one of the two.</param>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
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

    /// <summary>The root of the tree over some leaves; that of no leaves is the hash of no bytes. Costs a hash for each leaf but
    /// one.</summary>
    /// <param name="kind">With what it is hashed.</param>
    /// <param name="leafHashes">The hashes of the leaves in their order, one behind the other.</param>
    /// <param name="root">Becomes the root, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The last leaf's hash is not whole, or the root has another length.</exception>
    public static void HashRoot(TreeHash kind, ReadOnlySpan<byte> leafHashes, Span<byte> root)
    {
        RequireHash(root.Length, nameof(root));
        if (leafHashes.Length % HashBytes != 0)
        {
            throw new ArgumentException($"Hashes have {HashBytes} bytes each; {leafHashes.Length} bytes are no whole number of them.",
                nameof(leafHashes));
        }

        int count = leafHashes.Length / HashBytes;
        if (count == 0)
        {
            HashBytesOf(kind, [], root);
            return;
        }

        // Pairs of a level become the level above, and one left over goes up as it is: the tree of the standard, whose left half is the
        // largest full one.
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
            throw new ArgumentException($"A hash has {HashBytes} bytes; these are {length}.", name);
        }
    }
}

/// <summary>Which hash a Merkle tree is made with. Both give 32 bytes.</summary>
public enum TreeHash
{
    /// <summary>SHA-256 (FIPS 180-4): what browsers and every toolbox have.</summary>
    Sha256,

    /// <summary>SHA3-256 (FIPS 202): a second root of another construction.</summary>
    Sha3,
}
