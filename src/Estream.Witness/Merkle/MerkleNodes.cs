using Estream.Crypto;

namespace Estream.Witness;

/// <summary>An append-only Merkle tree in memory, as a source for proofs. Stores the roots of all full subtrees from a base level
/// upwards.</summary>
/// <remarks>Any number of threads can read while no thread appends. Takes twice the memory of the hashes of its lowest level. This level
/// can have 64 million nodes.</remarks>
public sealed class MerkleNodes : IMerkleNodes
{
    private readonly List<Level> _levels = [];

    /// <summary>Creates an empty tree.</summary>
    /// <param name="baseLevel">The level of the appended nodes; 0 for leaves.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is out of range.</exception>
    public MerkleNodes(int baseLevel = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(baseLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(baseLevel, MerkleFrontier.MaxNodes);
        BaseLevel = baseLevel;
        _levels.Add(new Level());
    }

    /// <summary>The lowest stored level.</summary>
    public int BaseLevel { get; }

    /// <summary>The number of nodes of the lowest level.</summary>
    public long Count => _levels[0].Count;

    /// <summary>Appends nodes to the lowest level.</summary>
    /// <param name="hashes">The hashes of the nodes, concatenated.</param>
    /// <exception cref="ArgumentException">The last hash is incomplete.</exception>
    public void Append(ReadOnlySpan<byte> hashes)
    {
        MerkleTree.RequireHashes(hashes.Length, nameof(hashes));
        hashes.CopyTo(_levels[0].Add(hashes.Length / MerkleTree.HashBytes));
        for (int at = 0; _levels[at].Count > 1; at++)
        {
            if (at + 1 == _levels.Count)
            {
                _levels.Add(new Level());
            }

            Level below = _levels[at], above = _levels[at + 1];
            int first = above.Count, pairs = (below.Count / 2) - first;
            Sha3Lanes.HashPairs(MerkleTree.NodePrefix, below.Get(2 * first, 2 * pairs), above.Add(pairs));
        }
    }

    /// <inheritdoc/>
    public void GetNode(int level, long index, Span<byte> hash)
    {
        int at = level - BaseLevel;
        if (at < 0 || at >= _levels.Count || index < 0 || index >= _levels[at].Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index),
                $"There is no node {index} of level {level}: the tree has {Count} nodes of level {BaseLevel}.");
        }

        _levels[at].Get((int)index, 1).CopyTo(hash);
    }

    /// <summary>The nodes of one level, in a growing array.</summary>
    private sealed class Level
    {
        private byte[] _hashes = [];

        public int Count { get; private set; }

        public ReadOnlySpan<byte> Get(int first, int count) => _hashes.AsSpan(first * MerkleTree.HashBytes, count * MerkleTree.HashBytes);

        public Span<byte> Add(int count)
        {
            int start = Count * MerkleTree.HashBytes, bytes = checked((Count + count) * MerkleTree.HashBytes);
            if (bytes > _hashes.Length)
            {
                Array.Resize(ref _hashes, (int)Math.Min(Array.MaxLength, Math.Max(bytes, 2L * _hashes.Length)));
            }

            Count += count;
            return _hashes.AsSpan(start, bytes - start);
        }
    }
}

/// <summary>A source of the nodes of a tree, from which proofs are made.</summary>
public interface IMerkleNodes
{
    /// <summary>Returns the root of a full subtree.</summary>
    /// <param name="level">The level of the subtree: it has 2^level leaves.</param>
    /// <param name="index">The index among the subtrees of this level: the subtree starts at leaf index · 2^level.</param>
    /// <param name="hash">Receives the root: <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such node, or the source does not know it.</exception>
    void GetNode(int level, long index, Span<byte> hash);
}
