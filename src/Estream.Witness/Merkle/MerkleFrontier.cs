using System.Numerics;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// An append-only Merkle tree of which only the right edge is stored: the roots of its full subtrees, one for each bit set in its size, at
/// most 63. This is enough to append leaves and to compute the root.
/// </summary>
/// <remarks>Not thread-safe. Allocates about 18 KiB when created; appending allocates nothing. Appending a leaf costs one hash on average,
/// for the nodes above it.</remarks>
public sealed class MerkleFrontier
{
    /// <summary>The maximum number of nodes.</summary>
    public const int MaxNodes = 63;

    /// <summary>The number of leaves that pass through all levels together: enough to fill the vector lanes at most levels.</summary>
    internal const int ChunkLeaves = 256;

    // The node of level k is at k hashes from the start, if bit k of the size is set. The two rows hold the levels being computed, each
    // with space for one node before them.
    private readonly byte[] _nodes = new byte[MaxNodes * MerkleTree.HashBytes];
    private byte[] _row = new byte[(ChunkLeaves + 1) * MerkleTree.HashBytes];
    private byte[] _rowAbove = new byte[(ChunkLeaves + 1) * MerkleTree.HashBytes];
    private ConsistencyMark? _mark;

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The number of stored nodes: the bits set in the size.</summary>
    public int NodeCount => BitOperations.PopCount((ulong)Size);

    /// <summary>Restores a tree from the nodes written by <see cref="CopyNodes"/>.</summary>
    /// <param name="size">The number of leaves.</param>
    /// <param name="nodes">The nodes. They are not verified; compare the resulting root with a trusted one.</param>
    /// <exception cref="ArgumentException">A tree of this size has a different number of nodes.</exception>
    public static MerkleFrontier Resume(long size, ReadOnlySpan<byte> nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var frontier = new MerkleFrontier { Size = size };
        if (nodes.Length != frontier.NodeCount * MerkleTree.HashBytes)
        {
            throw new ArgumentException(
                $"A tree of {size} leaves consists of {frontier.NodeCount} nodes of {MerkleTree.HashBytes} bytes; the span has "
                + $"{nodes.Length} bytes.", nameof(nodes));
        }

        for (ulong left = (ulong)size; left != 0; nodes = nodes[MerkleTree.HashBytes..])
        {
            int level = BitOperations.Log2(left);
            nodes[..MerkleTree.HashBytes].CopyTo(frontier.Node(level));
            left ^= 1UL << level;
        }

        return frontier;
    }

    /// <summary>Copies the nodes, the root of the largest subtree first.</summary>
    /// <param name="nodes">Receives the nodes: exactly <see cref="NodeCount"/> hashes.</param>
    /// <exception cref="ArgumentException">The span for the nodes has the wrong length.</exception>
    public void CopyNodes(Span<byte> nodes)
    {
        if (nodes.Length != NodeCount * MerkleTree.HashBytes)
        {
            throw new ArgumentException(
                $"The span has {nodes.Length} bytes; {NodeCount} nodes have {NodeCount * MerkleTree.HashBytes}.", nameof(nodes));
        }

        for (ulong left = (ulong)Size; left != 0; nodes = nodes[MerkleTree.HashBytes..])
        {
            int level = BitOperations.Log2(left);
            Node(level).CopyTo(nodes);
            left ^= 1UL << level;
        }
    }

    /// <summary>Appends leaves.</summary>
    /// <param name="leafHashes">The hashes of the leaves, concatenated.</param>
    /// <exception cref="ArgumentException">The last hash is incomplete.</exception>
    /// <exception cref="OverflowException">The number of leaves would exceed <see cref="long.MaxValue"/>.</exception>
    public void Append(ReadOnlySpan<byte> leafHashes) => Append(leafHashes, MaxNodes, []);

    /// <summary>Computes the root of the current tree. Costs one hash less than the number of nodes.</summary>
    /// <param name="root">Receives the root: exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the root has the wrong length.</exception>
    public void GetRoot(Span<byte> root)
    {
        MerkleTree.RequireHash(root.Length, nameof(root));
        if (Size == 0)
        {
            MerkleTree.HashEmpty(root);
        }
        else
        {
            HashOf((ulong)Size, root);
        }
    }

    /// <summary>Appends leaves, and returns the new nodes of one level.</summary>
    /// <param name="leafHashes">The hashes of the leaves.</param>
    /// <param name="level">The level of the returned nodes. For level 0, that of the leaves, the method returns no nodes.</param>
    /// <param name="nodes">Receives the nodes; the caller provides enough space for all of them.</param>
    /// <returns>The number of returned nodes.</returns>
    internal int Append(ReadOnlySpan<byte> leafHashes, int level, Span<byte> nodes)
    {
        MerkleTree.RequireHashes(leafHashes.Length, nameof(leafHashes));
        _ = checked(Size + (leafHashes.Length / MerkleTree.HashBytes));
        int count = 0;
        while (!leafHashes.IsEmpty)
        {
            // Appends up to the next chunk boundary. From the boundary on, each step completes the subtree of a whole chunk.
            int leaves = Math.Min(ChunkLeaves - (int)(Size % ChunkLeaves), leafHashes.Length / MerkleTree.HashBytes);
            int bytes = leaves * MerkleTree.HashBytes;
            leafHashes[..bytes].CopyTo(_row.AsSpan(MerkleTree.HashBytes));
            count += Climb(leaves, level, nodes[(count * MerkleTree.HashBytes)..]);
            Size += leaves;
            leafHashes = leafHashes[bytes..];
        }

        return count;
    }

    // Combines the nodes of the given levels from the lowest up: each node is the left sibling of the combination so far.
    private void HashOf(ulong levels, Span<byte> hash)
    {
        Node(BitOperations.TrailingZeroCount(levels)).CopyTo(hash);
        for (levels &= levels - 1; levels != 0; levels &= levels - 1)
        {
            MerkleTree.HashNode(Node(BitOperations.TrailingZeroCount(levels)), hash, hash);
        }
    }

    // The row holds new nodes of a level, after a slot for the level's pending node. Pairs are hashed into the row above; an unpaired last
    // node becomes pending.
    private int Climb(int count, int keptLevel, Span<byte> kept)
    {
        int given = 0;
        for (int level = 0; count > 0; level++)
        {
            Span<byte> row = _row.AsSpan(MerkleTree.HashBytes, count * MerkleTree.HashBytes);
            if (level == keptLevel && level > 0)
            {
                row.CopyTo(kept);
                given = count;
            }

            _mark?.Observe(level, Size >> level, row);
            if ((Size >>> level & 1) != 0)
            {
                row = _row.AsSpan(0, ++count * MerkleTree.HashBytes);
                Node(level).CopyTo(row);
            }

            int pairs = count / 2;
            Sha3Lanes.HashPairs(MerkleTree.NodePrefix, row[..(pairs * 2 * MerkleTree.HashBytes)],
                _rowAbove.AsSpan(MerkleTree.HashBytes, pairs * MerkleTree.HashBytes));
            if (count % 2 != 0)
            {
                row[^MerkleTree.HashBytes..].CopyTo(Node(level));
            }

            (_row, _rowAbove) = (_rowAbove, _row);
            count = pairs;
        }

        return given;
    }

    /// <summary>Marks the current size. From now on, keeps the nodes that prove that the tree extends the tree of the marked
    /// size.</summary>
    internal ConsistencyMark Mark()
    {
        _mark ??= new ConsistencyMark();
        _mark.Set(this);
        return _mark;
    }

    /// <summary>Computes the root of the leaves after the last full subtree of a level.</summary>
    internal void HashBelow(int level, Span<byte> hash) => HashOf((ulong)Size & ((1UL << level) - 1), hash);

    internal Span<byte> Node(int level) => _nodes.AsSpan(level * MerkleTree.HashBytes, MerkleTree.HashBytes);
}
