using System.Numerics;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// A tree that only grows, of which only its right edge is kept: the roots of the full subtrees it consists of, one for each bit of its
/// size, at most 63. That is enough to append leaves and to know the root.
/// </summary>
/// <remarks>One thread at a time. Some 18 KiB, taken when it is made; appending allocates nothing. A leaf costs its share of the nodes
/// above it, which is one hash.</remarks>
public sealed class MerkleFrontier
{
    /// <summary>The most nodes there can be.</summary>
    public const int MaxNodes = 63;

    /// <summary>So many leaves are taken through all levels together: enough that the lanes of most levels are full.</summary>
    internal const int ChunkLeaves = 256;

    // Node of level k at k hashes from the start, where bit k of the size is set. Two rows for levels being computed, each with room for a
    // node in front.
    private readonly byte[] _nodes = new byte[MaxNodes * MerkleTree.HashBytes];
    private byte[] _row = new byte[(ChunkLeaves + 1) * MerkleTree.HashBytes];
    private byte[] _rowAbove = new byte[(ChunkLeaves + 1) * MerkleTree.HashBytes];
    private ConsistencyMark? _mark;

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Nodes kept: the bits of the size.</summary>
    public int NodeCount => BitOperations.PopCount((ulong)Size);

    /// <summary>Takes the tree up where <see cref="CopyNodes"/> has left it.</summary>
    /// <param name="size">Its leaves.</param>
    /// <param name="nodes">Its nodes. Nothing says that they are right but the root that follows from them.</param>
    /// <exception cref="ArgumentException">A tree of that size has another number of nodes.</exception>
    public static MerkleFrontier Resume(long size, ReadOnlySpan<byte> nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var frontier = new MerkleFrontier { Size = size };
        if (nodes.Length != frontier.NodeCount * MerkleTree.HashBytes)
        {
            throw new ArgumentException(
                $"A tree of {size} leaves consists of {frontier.NodeCount} nodes of {MerkleTree.HashBytes} bytes; these are "
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

    /// <summary>Copies the nodes, that of the most leaves first.</summary>
    /// <param name="nodes">Becomes them: exactly <see cref="NodeCount"/> hashes.</param>
    /// <exception cref="ArgumentException">There is room for more or fewer.</exception>
    public void CopyNodes(Span<byte> nodes)
    {
        if (nodes.Length != NodeCount * MerkleTree.HashBytes)
        {
            throw new ArgumentException(
                $"There is room for {nodes.Length} bytes; {NodeCount} nodes have {NodeCount * MerkleTree.HashBytes}.", nameof(nodes));
        }

        for (ulong left = (ulong)Size; left != 0; nodes = nodes[MerkleTree.HashBytes..])
        {
            int level = BitOperations.Log2(left);
            Node(level).CopyTo(nodes);
            left ^= 1UL << level;
        }
    }

    /// <summary>Appends leaves.</summary>
    /// <param name="leafHashes">Their hashes, one behind the other.</param>
    /// <exception cref="ArgumentException">The last one is not whole.</exception>
    /// <exception cref="OverflowException">There would be more leaves than a number can say.</exception>
    public void Append(ReadOnlySpan<byte> leafHashes) => Append(leafHashes, MaxNodes, []);

    /// <summary>The root of the tree as it is. Costs a hash for each node but one.</summary>
    /// <param name="root">Becomes it, exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The root has another length.</exception>
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

    /// <summary>Appends leaves, and gives the nodes of one level that come into being by it.</summary>
    /// <param name="leafHashes">The leaves' hashes.</param>
    /// <param name="level">The level; that of the leaves is 0, and has none.</param>
    /// <param name="nodes">Becomes the nodes, as far as there are: room for all is the caller's duty.</param>
    /// <returns>How many they are.</returns>
    internal int Append(ReadOnlySpan<byte> leafHashes, int level, Span<byte> nodes)
    {
        MerkleTree.RequireHashes(leafHashes.Length, nameof(leafHashes));
        _ = checked(Size + (leafHashes.Length / MerkleTree.HashBytes));
        int count = 0;
        while (!leafHashes.IsEmpty)
        {
            // Up to a boundary, so that from there on subtrees of a whole chunk come into being at once.
            int leaves = Math.Min(ChunkLeaves - (int)(Size % ChunkLeaves), leafHashes.Length / MerkleTree.HashBytes);
            int bytes = leaves * MerkleTree.HashBytes;
            leafHashes[..bytes].CopyTo(_row.AsSpan(MerkleTree.HashBytes));
            count += Climb(leaves, level, nodes[(count * MerkleTree.HashBytes)..]);
            Size += leaves;
            leafHashes = leafHashes[bytes..];
        }

        return count;
    }

    // The nodes of some levels, from the lowest one up, since each is the left one of all below it.
    private void HashOf(ulong levels, Span<byte> hash)
    {
        Node(BitOperations.TrailingZeroCount(levels)).CopyTo(hash);
        for (levels &= levels - 1; levels != 0; levels &= levels - 1)
        {
            MerkleTree.HashNode(Node(BitOperations.TrailingZeroCount(levels)), hash, hash);
        }
    }

    // The row holds new nodes of a level behind one place for the node that waits there. Those that make pairs become the row above; one
    // may be left and waits.
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

    /// <summary>Begins to keep what proves that the tree begins with the one it is now.</summary>
    internal ConsistencyMark Mark()
    {
        _mark ??= new ConsistencyMark();
        _mark.Set(this);
        return _mark;
    }

    /// <summary>The root of what the tree has behind its last full subtree of a level.</summary>
    internal void HashBelow(int level, Span<byte> hash) => HashOf((ulong)Size & ((1UL << level) - 1), hash);

    internal Span<byte> Node(int level) => _nodes.AsSpan(level * MerkleTree.HashBytes, MerkleTree.HashBytes);
}
