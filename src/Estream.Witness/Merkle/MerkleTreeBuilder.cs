using System.Runtime.CompilerServices;
using Estream.Crypto;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Appends leaves to a tree: gathers some hundred of them, and hashes them and the nodes above them in the processor's
/// lanes.</summary>
/// <remarks>One thread at a time. Some 90 KiB, taken when it is made; appending allocates nothing.</remarks>
public sealed class MerkleTreeBuilder
{
    private const int GatheredBytes = 64 << 10;

    private readonly MerkleFrontier _frontier;
    private readonly byte[] _bytes = new byte[GatheredBytes];
    private readonly int[] _lengths = new int[MerkleFrontier.ChunkLeaves];
    private readonly byte[] _hashes = new byte[MerkleFrontier.ChunkLeaves * MerkleTree.HashBytes];
    private byte[] _blocks = new byte[MerkleTree.HashBytes * 64];
    private int _blockCount;
    private int _count;
    private int _used;

    // So many are gathered before they are hashed: up to a boundary of subtrees.
    private int _room;

    /// <summary>Begins a tree without leaves.</summary>
    public MerkleTreeBuilder()
        : this(new MerkleFrontier())
    {
    }

    /// <summary>Goes on with a tree.</summary>
    /// <param name="frontier">The tree, which is this builder's from now on.</param>
    public MerkleTreeBuilder(MerkleFrontier frontier)
    {
        ArgumentNullException.ThrowIfNull(frontier);
        _frontier = frontier;
        _room = RoomLeft();
    }

    /// <summary>Leaves so far.</summary>
    public long Size => _frontier.Size + _count;

    /// <summary>Roots of the full subtrees of 256 leaves that came into being since <see cref="ForgetBlocks"/>. All of them after
    /// <see cref="Flush"/>.</summary>
    internal ReadOnlySpan<byte> Blocks => _blocks.AsSpan(0, _blockCount * MerkleTree.HashBytes);

    /// <summary>The nodes of the tree, after <see cref="Flush"/>.</summary>
    internal MerkleFrontier Frontier => _frontier;

    /// <summary>Appends a leaf.</summary>
    /// <param name="leaf">What is in it. Copied.</param>
    public void Append(ReadOnlySpan<byte> leaf) => Append([], leaf);

    /// <summary>Appends a leaf that lies in two places.</summary>
    /// <param name="beginning">Its first bytes, at most 1,024.</param>
    /// <param name="rest">Those that follow them.</param>
    /// <exception cref="ArgumentException">There are too many first bytes.</exception>
    public void Append(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> rest)
    {
        const int MaxBeginning = 1_024;
        if (beginning.Length > MaxBeginning)
        {
            throw new ArgumentException(
                $"There are {beginning.Length} first bytes; at most {MaxBeginning} are taken. Give them with the rest.", nameof(beginning));
        }

        int head = 1 + beginning.Length;
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
        leaf[0] = MerkleTree.LeafPrefix;
        beginning.CopyTo(leaf[1..]);
        rest.CopyTo(leaf[head..]);
        _lengths[_count++] = leaf.Length;
        _used += leaf.Length;
    }

    /// <summary>The root of all leaves so far.</summary>
    /// <param name="root">Becomes it, exactly <see cref="MerkleTree.HashBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The root has another length.</exception>
    public void GetRoot(Span<byte> root)
    {
        Flush();
        _frontier.GetRoot(root);
    }

    /// <summary>Hashes what was gathered.</summary>
    internal void Flush()
    {
        if (_count > 0)
        {
            Span<byte> hashes = _hashes.AsSpan(0, _count * MerkleTree.HashBytes);
            Sha3Lanes.HashMany(_bytes.AsSpan(0, _used), _lengths.AsSpan(0, _count), hashes);
            (_count, _used) = (0, 0);
            AppendHashes(hashes);
        }
    }

    /// <summary>The subtrees so far were taken elsewhere.</summary>
    internal void ForgetBlocks() => _blockCount = 0;

    private void AppendHashes(ReadOnlySpan<byte> hashes)
    {
        // So many leaves complete at most two subtrees.
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
