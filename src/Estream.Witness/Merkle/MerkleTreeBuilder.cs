using System.Runtime.CompilerServices;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Appends leaves to a tree. Collects a few hundred leaves, then hashes them and the nodes above them in the processor's vector
/// lanes.</summary>
/// <remarks>Not thread-safe. Allocates about 90 KiB when created; appending allocates nothing.</remarks>
public sealed class MerkleTreeBuilder
{
    private const int GatheredBytes = 64 << 10;

    private readonly MerkleFrontier _frontier;
    private readonly ILeafHasher? _hasher;

    // The bytes before each collected leaf: the prefix, unless a hasher adds it.
    private readonly int _prefixBytes;
    private readonly byte[] _bytes = new byte[GatheredBytes];
    private readonly int[] _lengths = new int[MerkleFrontier.ChunkLeaves];
    private readonly byte[] _hashes = new byte[MerkleFrontier.ChunkLeaves * MerkleTree.HashBytes];
    private byte[] _blocks = new byte[MerkleTree.HashBytes * 64];
    private int _blockCount;
    private int _count;
    private int _used;

    // The number of leaves to collect before hashing: up to a chunk boundary.
    private int _room;

    /// <summary>Creates a tree without leaves.</summary>
    public MerkleTreeBuilder()
        : this(new MerkleFrontier())
    {
    }

    /// <summary>Continues a tree.</summary>
    /// <param name="frontier">The tree. The builder takes ownership.</param>
    public MerkleTreeBuilder(MerkleFrontier frontier)
        : this(frontier, null)
    {
    }

    /// <summary>Continues a tree whose leaves are hashed by a device; null for the processor.</summary>
    internal MerkleTreeBuilder(MerkleFrontier frontier, ILeafHasher? hasher)
    {
        ArgumentNullException.ThrowIfNull(frontier);
        _frontier = frontier;
        _hasher = hasher;
        _prefixBytes = hasher is null ? 1 : 0;
        _room = RoomLeft();
    }

    /// <summary>The number of leaves.</summary>
    public long Size => _frontier.Size + _count;

    /// <summary>Roots of the full subtrees of 256 leaves completed since <see cref="ForgetBlocks"/>. Up to date after
    /// <see cref="Flush"/>.</summary>
    internal ReadOnlySpan<byte> Blocks => _blocks.AsSpan(0, _blockCount * MerkleTree.HashBytes);

    /// <summary>The nodes of the tree. Up to date after <see cref="Flush"/>.</summary>
    internal MerkleFrontier Frontier => _frontier;

    /// <summary>Whether the hasher returned a wrong hash and is not used any more.</summary>
    internal bool HasHasherFailed { get; private set; }

    /// <summary>Appends a leaf.</summary>
    /// <param name="leaf">The content of the leaf. Copied.</param>
    public void Append(ReadOnlySpan<byte> leaf) => Append([], leaf);

    /// <summary>Appends a leaf that consists of two spans.</summary>
    /// <param name="beginning">The first bytes of the leaf, at most 1,024.</param>
    /// <param name="rest">The bytes after <paramref name="beginning"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="beginning"/> is too long.</exception>
    public void Append(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> rest)
    {
        const int MaxBeginning = 1_024;
        if (beginning.Length > MaxBeginning)
        {
            throw new ArgumentException(
                $"The beginning has {beginning.Length} bytes; the limit is {MaxBeginning}. Pass more bytes as rest.", nameof(beginning));
        }

        int head = _prefixBytes + beginning.Length;
        if (_count == _room || rest.Length > GatheredBytes - _used - head)
        {
            Flush();
            if (rest.Length > GatheredBytes - head)
            {
                AppendLarge(beginning, rest);
                return;
            }
        }

        Span<byte> leaf = _bytes.AsSpan(_used, head + rest.Length);
        if (_prefixBytes > 0)
        {
            leaf[0] = MerkleTree.LeafPrefix;
        }

        beginning.CopyTo(leaf[_prefixBytes..]);
        rest.CopyTo(leaf[head..]);
        _lengths[_count++] = leaf.Length;
        _used += leaf.Length;
    }

    /// <summary>Computes the root of all leaves so far.</summary>
    /// <param name="root">Receives the root: exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The span for the root has the wrong length.</exception>
    public void GetRoot(Span<byte> root)
    {
        Flush();
        _frontier.GetRoot(root);
    }

    /// <summary>Hashes the collected leaves.</summary>
    internal void Flush()
    {
        if (_count > 0)
        {
            Span<byte> hashes = _hashes.AsSpan(0, _count * MerkleTree.HashBytes);
            HashCollected(hashes);
            (_count, _used) = (0, 0);
            AppendHashes(hashes);
        }
    }

    /// <summary>Clears <see cref="Blocks"/> after the caller has stored them.</summary>
    internal void ForgetBlocks() => _blockCount = 0;

    private void HashCollected(Span<byte> hashes)
    {
        ReadOnlySpan<byte> leaves = _bytes.AsSpan(0, _used);
        ReadOnlySpan<int> lengths = _lengths.AsSpan(0, _count);
        if (_hasher is null)
        {
            Sha3Lanes.HashMany(leaves, lengths, hashes);
            return;
        }

        if (!HasHasherFailed)
        {
            _hasher.HashLeaves(leaves, lengths, hashes);
            HasHasherFailed = !IsRight(Random.Shared.Next(_count), leaves, lengths, hashes);
        }

        if (HasHasherFailed)
        {
            for (int i = 0, offset = 0; i < lengths.Length; offset += lengths[i], i++)
            {
                MerkleTree.HashLeaf(leaves.Slice(offset, lengths[i]), hashes.Slice(i * MerkleTree.HashBytes, MerkleTree.HashBytes));
            }
        }
    }

    /// <summary>Computes one hash again.</summary>
    private static bool IsRight(int leaf, ReadOnlySpan<byte> leaves, ReadOnlySpan<int> lengths, ReadOnlySpan<byte> hashes)
    {
        int offset = 0;
        for (int i = 0; i < leaf; i++)
        {
            offset += lengths[i];
        }

        Span<byte> expected = stackalloc byte[MerkleTree.HashBytes];
        MerkleTree.HashLeaf(leaves.Slice(offset, lengths[leaf]), expected);
        return expected.SequenceEqual(hashes.Slice(leaf * MerkleTree.HashBytes, MerkleTree.HashBytes));
    }

    private void AppendHashes(ReadOnlySpan<byte> hashes)
    {
        // One call appends enough leaves to complete at most two subtrees.
        if ((_blockCount + 2) * MerkleTree.HashBytes > _blocks.Length)
        {
            Array.Resize(ref _blocks, 2 * _blocks.Length);
        }

        _blockCount += _frontier.Append(hashes, MerkleBlocks.Level, _blocks.AsSpan(_blockCount * MerkleTree.HashBytes));
        _room = RoomLeft();
    }

    private int RoomLeft() => MerkleFrontier.ChunkLeaves - (int)(_frontier.Size % MerkleFrontier.ChunkLeaves);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AppendLarge(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> rest)
    {
        Span<byte> head = stackalloc byte[1 + beginning.Length];
        head[0] = MerkleTree.LeafPrefix;
        beginning.CopyTo(head[1..]);
        Span<byte> hash = stackalloc byte[MerkleTree.HashBytes];
        Sha3Lanes.Hash(head, rest, hash);
        AppendHashes(hash);
    }
}
