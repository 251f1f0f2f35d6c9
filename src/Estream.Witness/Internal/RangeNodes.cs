using System.Numerics;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>
/// The nodes of a tree between two entries, as needed for a proof about the messages in between. The entries contain the edges of both
/// trees and the subtrees of 256 leaves between them. The leaves around the proven leaf are computed from messages. No node is trusted: the
/// proofs are verified against the signed root.
/// </summary>
/// <param name="before">The entry at the start of the range; null for the beginning of the tree.</param>
/// <param name="messages">The messages of the entry after <paramref name="before"/>.</param>
internal sealed class RangeNodes(WitnessEntry? before, EntryMessages messages) : IMerkleNodes
{
    private readonly long _start = before?.Attestation.Head.TreeSize ?? 0;
    private readonly byte[] _leaves = new byte[MerkleBlocks.Leaves * MerkleTree.HashBytes];
    private byte[] _blocks = [];
    private int _blockBytes;
    private (long First, long End) _loaded;
    private WitnessEntry? _last;

    /// <summary>Extends the range to the next entry.</summary>
    public void Add(WitnessEntry entry)
    {
        ReadOnlySpan<byte> blocks = entry.Blocks;
        int bytes = checked(_blockBytes + blocks.Length);
        if (bytes > _blocks.Length)
        {
            Array.Resize(ref _blocks, (int)Math.Min(Array.MaxLength, Math.Max(bytes, 2L * _blocks.Length)));
        }

        blocks.CopyTo(_blocks.AsSpan(_blockBytes));
        _blockBytes = bytes;
        _last = entry;
    }

    /// <inheritdoc/>
    public void GetNode(int level, long index, Span<byte> hash)
    {
        if (TryGetEdge(_last, level, index, hash) || TryGetEdge(before, level, index, hash))
        {
            return;
        }

        if (level == MerkleBlocks.Level)
        {
            long block = index - (_start >> MerkleBlocks.Level);
            if (block >= 0 && block < _blockBytes / MerkleTree.HashBytes)
            {
                _blocks.AsSpan((int)block * MerkleTree.HashBytes, MerkleTree.HashBytes).CopyTo(hash);
                return;
            }
        }

        if (level == 0)
        {
            GetLeaf(index, hash);
            return;
        }

        Span<byte> left = stackalloc byte[MerkleTree.HashBytes];
        GetNode(level - 1, 2 * index, left);
        GetNode(level - 1, (2 * index) + 1, hash);
        MerkleTree.HashNode(left, hash, hash);
    }

    // Returns whether the node is one of the full subtrees that form the tree of an entry.
    private static bool TryGetEdge(WitnessEntry? entry, int level, long index, Span<byte> hash)
    {
        long nodes = (entry?.Attestation.Head.TreeSize ?? 0) >> level;
        if ((nodes & 1) == 0 || index != nodes - 1)
        {
            return false;
        }

        entry!.Nodes.Slice(BitOperations.PopCount((ulong)nodes - 1) * MerkleTree.HashBytes, MerkleTree.HashBytes).CopyTo(hash);
        return true;
    }

    private void GetLeaf(long leaf, Span<byte> hash)
    {
        if (leaf < _loaded.First || leaf >= _loaded.End)
        {
            Load(leaf);
        }

        _leaves.AsSpan((int)(leaf - _loaded.First) * MerkleTree.HashBytes, MerkleTree.HashBytes).CopyTo(hash);
    }

    // Loads the leaves of the subtree of 256 leaves that contains a leaf. Omits leaves outside the range.
    private void Load(long leaf)
    {
        long size = _last?.Attestation.Head.TreeSize ?? 0;
        if (leaf < _start || leaf >= size)
        {
            throw new ArgumentOutOfRangeException(nameof(leaf), $"Leaf {leaf} is not in the range [{_start}, {size}).");
        }

        long block = leaf >> MerkleBlocks.Level << MerkleBlocks.Level, first = Math.Max(_start, block),
        end = Math.Min(size, block + MerkleBlocks.Leaves);
        _loaded = default;
        messages.GoToLeaf(first);
        for (long next = first; next < end; next++)
        {
            QueueMessage message = messages.Read(next);
            MessageLeaf.Hash(message.Sequence, message.Time, message.Payload,
                _leaves.AsSpan((int)(next - first) * MerkleTree.HashBytes, MerkleTree.HashBytes));
        }

        _loaded = (first, end);
    }
}
