using Estream.Crypto;

namespace Estream.Witness;

/// <summary>The hash functions of a Merkle tree: RFC 9162, section 2.1, with SHA3-256.</summary>
/// <remarks>A leaf is hashed with a prefix byte 0, an inner node with a prefix byte 1, so that a leaf cannot be taken for a node.
/// Thread-safe; allocates nothing.</remarks>
public static class MerkleTree
{
    /// <summary>The size of every hash (leaf, node or root), in bytes.</summary>
    public const int HashBytes = Sha3Lanes.HashBytes;

    internal const byte LeafPrefix = 0;
    internal const byte NodePrefix = 1;

    /// <summary>Computes the hash of a leaf.</summary>
    /// <param name="leaf">The content of the leaf.</param>
    /// <param name="hash">Receives the hash: exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the hash has the wrong length.</exception>
    public static void HashLeaf(ReadOnlySpan<byte> leaf, Span<byte> hash) => Sha3Lanes.Hash([LeafPrefix], leaf, hash);

    /// <summary>Computes the hash of a node from its two children.</summary>
    /// <param name="left">The hash of the left child, with the earlier leaves: <see cref="HashBytes"/> bytes.</param>
    /// <param name="right">The hash of the right child, with the later leaves: <see cref="HashBytes"/> bytes.</param>
    /// <param name="hash">Receives the hash; may be the same memory as a child.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        RequireHash(left.Length, nameof(left));
        RequireHash(right.Length, nameof(right));
        Span<byte> both = stackalloc byte[1 + (2 * HashBytes)];
        both[0] = NodePrefix;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + HashBytes)..]);
        Sha3Lanes.Hash(both, hash);
    }

    /// <summary>Computes the root of a tree from the roots of its full subtrees.</summary>
    /// <param name="nodes">The roots of the subtrees, largest first; at least one.</param>
    /// <param name="root">Receives the root.</param>
    internal static void HashNodes(ReadOnlySpan<byte> nodes, Span<byte> root)
    {
        nodes[^HashBytes..].CopyTo(root);
        for (int at = nodes.Length - (2 * HashBytes); at >= 0; at -= HashBytes)
        {
            HashNode(nodes.Slice(at, HashBytes), root, root);
        }
    }

    /// <summary>Computes the root of the empty tree.</summary>
    /// <param name="root">Receives the root: exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the root has the wrong length.</exception>
    public static void HashEmpty(Span<byte> root) => Sha3Lanes.Hash([], root);

    internal static void RequireHash(int length, string name)
    {
        if (length != HashBytes)
        {
            throw new ArgumentException($"A hash has {HashBytes} bytes; the span has {length}.", name);
        }
    }

    internal static void RequireHashes(int length, string name)
    {
        if (length % HashBytes != 0)
        {
            throw new ArgumentException($"Hashes have {HashBytes} bytes each; the span has {length}, which is not a multiple.", name);
        }
    }
}
