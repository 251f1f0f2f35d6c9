using System.Numerics;
using Estream.Crypto;

namespace Estream.Witness.Internal;

/// <summary>
/// The entries of a state and the tree nodes above them: docs/formats/witness.md. Entries are stored in pages, whose number grows with the
/// state, and each page has a node. When the root is requested, only the nodes above changed entries are hashed again.
/// </summary>
/// <remarks>
/// Pages are not buckets. A page with more entries than a bucket can hold is a subtree of which only the top node is stored. A bucket that
/// spans several pages is hashed at its own node, and the nodes below that node are unused. Not thread-safe.
/// </remarks>
internal sealed class StateTrie
{
    // Pages have 8 to 16 entries on average while a state grows. The limit on bits keeps all nodes in a single array.
    private const int GrowAbove = 16;
    private const int ShrinkBelow = 4;
    private const int MaxBits = 24;
    private const int PairsAtATime = 256;
    private const int Root = 1;

    private readonly StatePages _pages = new();
    private readonly SubtreeHashes _subtrees = new();
    private readonly byte[] _pairs = new byte[PairsAtATime * 2 * MerkleTree.HashBytes];
    private readonly byte[] _pairHashes = new byte[PairsAtATime * MerkleTree.HashBytes];
    private readonly int[] _pairNodes = new int[PairsAtATime];
    private int _pairCount;
    private byte[] _gathered = new byte[4 * StateHash.BucketEntries * StateHash.EntryBytes];

    // Node 1 is the root, nodes 2n and 2n + 1 are the children of node n, and the last nodes belong to the pages.
    private byte[] _nodes = [];
    private int[] _counts = [];
    private ulong[] _dirty = [];

    /// <summary>Creates an empty state.</summary>
    public StateTrie() => MakeNodes();

    /// <summary>The number of entries.</summary>
    public long Count => _pages.Count;

    /// <summary>Adds an entry, or replaces its value.</summary>
    /// <param name="entry">The hash of the key, followed by the hash of the value.</param>
    public void Put(ReadOnlySpan<byte> entry)
    {
        int page = _pages.PageOf(entry);
        if (!_pages.Put(page, entry))
        {
            return;
        }

        MarkPage(page);
        if (_pages.Bits < MaxBits && _pages.Count > (long)GrowAbove << _pages.Bits)
        {
            _pages.Grow();
            MakeNodes();
        }
    }

    /// <summary>Removes an entry, if it exists.</summary>
    public void Remove(ReadOnlySpan<byte> keyHash)
    {
        int page = _pages.PageOf(keyHash);
        if (!_pages.Remove(page, keyHash))
        {
            return;
        }

        MarkPage(page);
        if (_pages.Bits > 0 && _pages.Count < (long)ShrinkBelow << _pages.Bits)
        {
            _pages.Shrink();
            MakeNodes();
        }
    }

    /// <summary>Removes all entries.</summary>
    public void Clear()
    {
        _pages.Clear();
        MakeNodes();
    }

    /// <summary>Computes the root of the current state.</summary>
    public void GetRoot(Span<byte> root)
    {
        CountDirty();
        for (int level = _pages.Bits; level >= 0; level--)
        {
            HashLevel(level);
        }

        _dirty.AsSpan().Clear();
        NodeAt(Root).CopyTo(root);
    }

    /// <summary>Returns the proof of a key's entry or absence: the sibling nodes along its path, and its bucket.</summary>
    /// <param name="keyHash">The hash of the key.</param>
    /// <param name="path">Receives the sibling nodes, starting at depth 1; at least <see cref="StateHash.MaxDepth"/> hashes.</param>
    /// <param name="bucket">Receives the entries of the bucket; at least <see cref="StateHash.BucketEntries"/>.</param>
    /// <returns>The depth of the bucket, and its number of entries.</returns>
    /// <remarks>Call <see cref="GetRoot"/> first if the state has changed.</remarks>
    public (int Depth, int Entries) Prove(ReadOnlySpan<byte> keyHash, Span<byte> path, Span<byte> bucket)
    {
        int depth = 0, node = Root;
        for (; depth < _pages.Bits && _counts[node] > StateHash.BucketEntries; depth++)
        {
            node = (2 * node) + (StateHash.GoesRight(keyHash, depth) ? 1 : 0);
            NodeAt(node ^ 1).CopyTo(path[(depth * MerkleTree.HashBytes)..]);
        }

        ReadOnlySpan<byte> entries = Gather(node, depth);
        for (; entries.Length > StateHash.BucketEntries * StateHash.EntryBytes; depth++)
        {
            int left = StateHash.CountLeft(entries, depth) * StateHash.EntryBytes;
            bool goesRight = StateHash.GoesRight(keyHash, depth);
            _subtrees.Hash(goesRight ? entries[..left] : entries[left..], depth + 1,
                path.Slice(depth * MerkleTree.HashBytes, MerkleTree.HashBytes));
            entries = goesRight ? entries[left..] : entries[..left];
        }

        entries.CopyTo(bucket);
        return (depth, entries.Length / StateHash.EntryBytes);
    }

    // Allocates new nodes and marks all of them to be hashed.
    private void MakeNodes()
    {
        int pages = 1 << _pages.Bits;
        _nodes = new byte[2 * pages * MerkleTree.HashBytes];
        _counts = new int[2 * pages];
        _dirty = new ulong[((2 * pages) + 63) / 64];
        for (int page = 0; page < pages; page++)
        {
            MarkPage(page);
        }
    }

    private void MarkPage(int page) => Mark((1 << _pages.Bits) + page);

    private void Mark(int node) => _dirty[node >> 6] |= 1UL << (node & 63);

    // A bucket that has become too large is an inner node from now on. Its children were not hashed while they were below a bucket, so mark
    // them.
    private void CountDirty()
    {
        int bits = _pages.Bits;
        for (int node = NextDirty(1 << bits, 2 << bits); node >= 0; node = NextDirty(node + 1, 2 << bits))
        {
            _counts[node] = _pages.CountOf(node - (1 << bits));
            Mark(node >> 1);
        }

        for (int level = bits - 1; level >= 0; level--)
        {
            for (int node = NextDirty(1 << level, 2 << level); node >= 0; node = NextDirty(node + 1, 2 << level))
            {
                int before = _counts[node], now = checked(_counts[2 * node] + _counts[(2 * node) + 1]);
                _counts[node] = now;
                Mark(node >> 1);
                if (before <= StateHash.BucketEntries && now > StateHash.BucketEntries)
                {
                    Mark(2 * node);
                    Mark((2 * node) + 1);
                }
            }
        }
    }

    private void HashLevel(int level)
    {
        for (int node = NextDirty(1 << level, 2 << level); node >= 0; node = NextDirty(node + 1, 2 << level))
        {
            bool isBucket = _counts[node] <= StateHash.BucketEntries;
            if (!isBucket && level < _pages.Bits)
            {
                AddPair(node);
            }
            else if (!isBucket || node == Root || _counts[node >> 1] > StateHash.BucketEntries)
            {
                _subtrees.Add(Gather(node, level), level, node, _nodes);
            }
        }

        FlushPairs();
        _subtrees.Flush(_nodes);
    }

    private ReadOnlySpan<byte> Gather(int node, int level)
    {
        int bytes = _counts[node] * StateHash.EntryBytes, used = 0;
        if (bytes > _gathered.Length)
        {
            Array.Resize(ref _gathered, Math.Max(bytes, 2 * _gathered.Length));
        }

        int below = _pages.Bits - level, first = (node << below) - (1 << _pages.Bits);
        for (int page = first; page < first + (1 << below) && used < bytes; page++)
        {
            _pages.Read(page, _gathered.AsSpan(used));
            used += _pages.CountOf(page) * StateHash.EntryBytes;
        }

        return _gathered.AsSpan(0, used);
    }

    private void AddPair(int node)
    {
        _nodes.AsSpan(2 * node * MerkleTree.HashBytes, 2 * MerkleTree.HashBytes)
            .CopyTo(_pairs.AsSpan(_pairCount * 2 * MerkleTree.HashBytes));
        _pairNodes[_pairCount++] = node;
        if (_pairCount == PairsAtATime)
        {
            FlushPairs();
        }
    }

    private void FlushPairs()
    {
        Sha3Lanes.HashPairs(StateHash.NodePrefix, _pairs.AsSpan(0, _pairCount * 2 * MerkleTree.HashBytes),
            _pairHashes.AsSpan(0, _pairCount * MerkleTree.HashBytes));
        for (int at = 0; at < _pairCount; at++)
        {
            _pairHashes.AsSpan(at * MerkleTree.HashBytes, MerkleTree.HashBytes).CopyTo(NodeAt(_pairNodes[at]));
        }

        _pairCount = 0;
    }

    /// <returns>The first marked node from <paramref name="node"/> on, or -1.</returns>
    private int NextDirty(int node, int end)
    {
        while (node < end)
        {
            ulong word = _dirty[node >> 6] >> (node & 63);
            if (word != 0)
            {
                node += BitOperations.TrailingZeroCount(word);
                return node < end ? node : -1;
            }

            node = (node | 63) + 1;
        }

        return -1;
    }

    private Span<byte> NodeAt(int node) => _nodes.AsSpan(node * MerkleTree.HashBytes, MerkleTree.HashBytes);
}
