using Estream.Crypto;

namespace Estream.Witness;

/// <summary>A tree that only grows with all its full subtrees, from a level on, in memory: what proofs are made of.</summary>
/// <remarks>One thread at a time; thread-safe as long as nobody appends. Takes twice the hashes of its lowest level, of which there can be
/// 64 million.</remarks>
public sealed class MerkleNodes : IMerkleNodes
{
    private readonly List<Level> _levels = [];

    /// <summary>Begins a tree.</summary>
    /// <param name="baseLevel">The level of the nodes that are appended; 0 for leaves.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public MerkleNodes(int baseLevel = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(baseLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(baseLevel, MerkleFrontier.MaxNodes);
        BaseLevel = baseLevel;
        _levels.Add(new Level());
    }

    /// <summary>The lowest level that is kept.</summary>
    public int BaseLevel { get; }

    /// <summary>Nodes of the lowest level.</summary>
    public long Count => _levels[0].Count;

    /// <summary>Appends nodes to the lowest level.</summary>
    /// <param name="hashes">Their hashes, one behind the other.</param>
    /// <exception cref="ArgumentException">The last one is not whole.</exception>
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

    /// <summary>The nodes of one level, in an array that grows.</summary>
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

/// <summary>The nodes of a tree, from which proofs are made.</summary>
public interface IMerkleNodes
{
    /// <summary>Gives the root of a full subtree.</summary>
    /// <param name="level">It is over two to the power of this many leaves.</param>
    /// <param name="index">Its place among those of its level: it begins with the leaf index · 2^level.</param>
    /// <param name="hash">Becomes it, <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such node, or its source does not know it.</exception>
    void GetNode(int level, long index, Span<byte> hash);
}
