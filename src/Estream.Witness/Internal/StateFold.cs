using Estream.Core;
using Estream.Crypto;

namespace Estream.Witness.Internal;

/// <summary>Computes the state of a map by applying the messages of its change feed in order. Hashes keys and values in the processor's
/// vector lanes, a few hundred at a time.</summary>
/// <remarks>Not thread-safe. Allocates only memory for added entries.</remarks>
internal sealed class StateFold
{
    private const int GatheredBytes = 64 << 10;
    private const int GatheredChanges = 256;

    private readonly StateTrie _trie = new();
    private readonly byte[] _bytes = new byte[GatheredBytes];
    private readonly int[] _lengths = new int[2 * GatheredChanges];
    private readonly byte[] _hashes = new byte[2 * GatheredChanges * MerkleTree.HashBytes];
    private readonly bool[] _isPut = new bool[GatheredChanges];
    private int _used;
    private int _lengthCount;
    private int _count;

    /// <summary>The number of messages applied so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Applies a message; a message that is not a change event changes nothing.</summary>
    public void Apply(ReadOnlySpan<byte> message)
    {
        if (MapChange.TryRead(message, out MapChange change))
        {
            Apply(change);
        }

        Messages++;
    }

    /// <summary>Computes the root of the state after all messages so far.</summary>
    public void GetRoot(Span<byte> root)
    {
        Flush();
        _trie.GetRoot(root);
    }

    /// <inheritdoc cref="StateTrie.Prove"/>
    public (int Depth, int Entries) Prove(ReadOnlySpan<byte> keyHash, Span<byte> path, Span<byte> bucket) =>
        _trie.Prove(keyHash, path, bucket);

    private void Apply(in MapChange change)
    {
        if (change.Kind == MapChangeKind.Clear)
        {
            (_used, _lengthCount, _count) = (0, 0, 0);
            _trie.Clear();
            return;
        }

        bool isPut = change.Kind == MapChangeKind.Put;
        long bytes = change.Key.Length + (isPut ? StateHash.ValueHeadBytes + (long)change.Value.Length : 0);
        if (_count == GatheredChanges || bytes > GatheredBytes - _used)
        {
            Flush();
            if (bytes > GatheredBytes)
            {
                ApplyLarge(change);
                return;
            }
        }

        Gather(change, isPut);
    }

    private void Gather(in MapChange change, bool isPut)
    {
        change.Key.CopyTo(_bytes.AsSpan(_used));
        _lengths[_lengthCount++] = change.Key.Length;
        _used += change.Key.Length;
        if (isPut)
        {
            StateHash.WriteValueHead(_bytes.AsSpan(_used), change.Version, change.ExpiresAt);
            change.Value.CopyTo(_bytes.AsSpan(_used + StateHash.ValueHeadBytes));
            _lengths[_lengthCount++] = StateHash.ValueHeadBytes + change.Value.Length;
            _used += StateHash.ValueHeadBytes + change.Value.Length;
        }

        _isPut[_count++] = isPut;
    }

    // For a put, the hash of the key is followed by the hash of the value; together they form the entry.
    private void Flush()
    {
        Sha3Lanes.HashMany(_bytes.AsSpan(0, _used), _lengths.AsSpan(0, _lengthCount),
            _hashes.AsSpan(0, _lengthCount * MerkleTree.HashBytes));
        ReadOnlySpan<byte> hashes = _hashes;
        for (int at = 0; at < _count; at++)
        {
            if (_isPut[at])
            {
                _trie.Put(hashes[..StateHash.EntryBytes]);
                hashes = hashes[StateHash.EntryBytes..];
            }
            else
            {
                _trie.Remove(hashes[..MerkleTree.HashBytes]);
                hashes = hashes[MerkleTree.HashBytes..];
            }
        }

        (_used, _lengthCount, _count) = (0, 0, 0);
    }

    private void ApplyLarge(in MapChange change)
    {
        Span<byte> entry = stackalloc byte[StateHash.EntryBytes];
        StateHash.HashKey(change.Key, entry[..MerkleTree.HashBytes]);
        if (change.Kind != MapChangeKind.Put)
        {
            _trie.Remove(entry[..MerkleTree.HashBytes]);
            return;
        }

        StateHash.HashValue(change.Version, change.ExpiresAt, change.Value, entry[MerkleTree.HashBytes..]);
        _trie.Put(entry);
    }
}
