using Estream.Crypto;

namespace Estream.Witness.Internal;

/// <summary>Hashes subtrees from their entries, many at a time: first all buckets in the processor's vector lanes, then the few nodes above
/// them.</summary>
/// <remarks>Not thread-safe. Its buffers grow with the largest subtree and are reused.</remarks>
internal sealed class SubtreeHashes
{
    private const int GatheredBytes = 64 << 10;

    private byte[] _bytes = new byte[GatheredBytes + (8 * StateHash.BucketEntries * StateHash.EntryBytes)];
    private int[] _depths = new int[256];
    private int[] _lengths = new int[256];
    private byte[] _hashes = new byte[256 * MerkleTree.HashBytes];
    private Subtree[] _subtrees = new Subtree[256];
    private int _used;
    private int _bucketCount;
    private int _subtreeCount;

    /// <summary>Adds a subtree.</summary>
    /// <param name="entries">The subtree's entries in order. Copied.</param>
    /// <param name="depth">The depth of the subtree's root.</param>
    /// <param name="node">The index of the node that receives the hash.</param>
    /// <param name="nodes">Receives the hashes of all added subtrees: in this call if the buffer is full, otherwise in
    /// <see cref="Flush"/>.</param>
    public void Add(ReadOnlySpan<byte> entries, int depth, int node, Span<byte> nodes)
    {
        Split(entries, depth);
        _subtrees[_subtreeCount++] = new Subtree(node, _bucketCount);
        if (_used >= GatheredBytes || _subtreeCount == _subtrees.Length)
        {
            Flush(nodes);
        }
    }

    /// <summary>Fills the nodes of all added subtrees.</summary>
    public void Flush(Span<byte> nodes)
    {
        Span<byte> hashes = _hashes.AsSpan(0, _bucketCount * MerkleTree.HashBytes);
        Sha3Lanes.HashMany(_bytes.AsSpan(0, _used), _lengths.AsSpan(0, _bucketCount), hashes);
        int first = 0;
        foreach (Subtree subtree in _subtrees.AsSpan(0, _subtreeCount))
        {
            Join(first, subtree.End).CopyTo(nodes.Slice(subtree.Node * MerkleTree.HashBytes, MerkleTree.HashBytes));
            first = subtree.End;
        }

        (_used, _bucketCount, _subtreeCount) = (0, 0, 0);
    }

    /// <summary>Computes the hash of one subtree.</summary>
    public void Hash(ReadOnlySpan<byte> entries, int depth, Span<byte> hash)
    {
        Add(entries, depth, 0, hash);
        Flush(hash);
    }

    // The recursion ends because no two keys share all bits.
    private void Split(ReadOnlySpan<byte> entries, int depth)
    {
        if (entries.Length > StateHash.BucketEntries * StateHash.EntryBytes)
        {
            int left = StateHash.CountLeft(entries, depth) * StateHash.EntryBytes;
            Split(entries[..left], depth + 1);
            Split(entries[left..], depth + 1);
            return;
        }

        int length = 1 + entries.Length;
        MakeRoom(length);
        _bytes[_used] = StateHash.BucketPrefix;
        entries.CopyTo(_bytes.AsSpan(_used + 1));
        _depths[_bucketCount] = depth;
        _lengths[_bucketCount++] = length;
        _used += length;
    }

    private void MakeRoom(int bytes)
    {
        if (_used + bytes > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_used + bytes, 2 * _bytes.Length));
        }

        if (_bucketCount == _depths.Length)
        {
            Array.Resize(ref _depths, 2 * _depths.Length);
            Array.Resize(ref _lengths, 2 * _lengths.Length);
            Array.Resize(ref _hashes, 2 * _hashes.Length);
        }
    }

    // The order and depths of the buckets determine the tree above them: two adjacent nodes of equal depth are siblings. The buffer's front
    // serves as a stack of joined nodes.
    private ReadOnlySpan<byte> Join(int first, int end)
    {
        int top = first;
        for (int next = first; next < end; next++, top++)
        {
            HashAt(next).CopyTo(HashAt(top));
            _depths[top] = _depths[next];
            for (; top > first && _depths[top - 1] == _depths[top]; top--)
            {
                StateHash.HashNode(HashAt(top - 1), HashAt(top), HashAt(top - 1));
                _depths[top - 1]--;
            }
        }

        return HashAt(first);
    }

    private Span<byte> HashAt(int bucket) => _hashes.AsSpan(bucket * MerkleTree.HashBytes, MerkleTree.HashBytes);

    /// <summary>The node of a subtree, and the index after its last bucket.</summary>
    private readonly record struct Subtree(int Node, int End);
}
