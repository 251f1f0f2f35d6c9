using Estream.Crypto;

namespace Estream.Witness;

/// <summary>How a tree is hashed: RFC 9162, section 2.1, with SHA3-256.</summary>
/// <remarks>A leaf is hashed behind a byte 0, an inner node behind a byte 1, so that no leaf can be taken for a node. Thread-safe;
/// allocates nothing.</remarks>
public static class MerkleTree
{
    /// <summary>Bytes of every hash: of a leaf, of a node, of a root.</summary>
    public const int HashBytes = Sha3Lanes.HashBytes;

    internal const byte LeafPrefix = 0;
    internal const byte NodePrefix = 1;

    /// <summary>The hash of a leaf.</summary>
    /// <param name="leaf">What is in it.</param>
    /// <param name="hash">Becomes the hash, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static void HashLeaf(ReadOnlySpan<byte> leaf, Span<byte> hash) => Sha3Lanes.Hash([LeafPrefix], leaf, hash);

    /// <summary>The hash of the node above two others.</summary>
    /// <param name="left">The one of the earlier leaves, <see cref="HashBytes"/> bytes.</param>
    /// <param name="right">The one of the later leaves, <see cref="HashBytes"/> bytes.</param>
    /// <param name="hash">Becomes the hash; may be the memory of one of the two.</param>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
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

    /// <summary>The root of a tree that consists of some full subtrees.</summary>
    /// <param name="nodes">Their roots, that of the most leaves first; at least one.</param>
    /// <param name="root">Becomes it.</param>
    internal static void HashNodes(ReadOnlySpan<byte> nodes, Span<byte> root)
    {
        nodes[^HashBytes..].CopyTo(root);
        for (int at = nodes.Length - (2 * HashBytes); at >= 0; at -= HashBytes)
        {
            HashNode(nodes.Slice(at, HashBytes), root, root);
        }
    }

    /// <summary>The root of the tree without leaves.</summary>
    /// <param name="root">Becomes it, exactly <see cref="HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The root has another length.</exception>
    public static void HashEmpty(Span<byte> root) => Sha3Lanes.Hash([], root);

    internal static void RequireHash(int length, string name)
    {
        if (length != HashBytes)
        {
            throw new ArgumentException($"A hash has {HashBytes} bytes; these are {length}.", name);
        }
    }

    internal static void RequireHashes(int length, string name)
    {
        if (length % HashBytes != 0)
        {
            throw new ArgumentException($"Hashes have {HashBytes} bytes each; {length} bytes are no whole number of them.", name);
        }
    }
}
