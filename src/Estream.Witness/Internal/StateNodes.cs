using Estream.Core;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>Computes the state of a feed after the messages of an attestation, for proofs of keys. Holds one state at a time.</summary>
internal sealed class StateNodes(EstreamQueue queue, WitnessLog log) : IDisposable
{
    private FeedState? _feed;

    /// <summary>Proves the value of a key, or that it was absent.</summary>
    /// <exception cref="EstreamWitnessException">The attestation has no state or a different one, or the first messages were
    /// deleted.</exception>
    public StateProof Prove(ReadOnlySpan<byte> key, Attestation attestation)
    {
        ReadTo(attestation);
        Span<byte> keyHash = stackalloc byte[MerkleTree.HashBytes];
        StateHash.HashKey(key, keyHash);
        byte[] path = new byte[StateHash.MaxDepth * MerkleTree.HashBytes],
        bucket = new byte[StateHash.BucketEntries * StateHash.EntryBytes];
        (int depth, int entries) = _feed!.State.Prove(keyHash, path, bucket);
        PinnedEntry? held = FindLast(key, attestation.Head);
        return StateProof.TryCreate(attestation, key, held, path.AsSpan(0, depth * MerkleTree.HashBytes),
            bucket.AsSpan(0, entries * StateHash.EntryBytes), out StateProof? proof)
            ? proof
            : throw log.OtherState(attestation.Head);
    }

    /// <inheritdoc/>
    public void Dispose() => _feed?.Dispose();

    // A state can only move forward: for an earlier attestation, the feed is read again from the start.
    private void ReadTo(Attestation attestation)
    {
        TreeHead head = attestation.Head;
        if (attestation.StateRoot.IsEmpty)
        {
            throw log.NoState(head);
        }

        if (_feed is not null && _feed.State.Messages > head.TreeSize)
        {
            _feed.Dispose();
            _feed = null;
        }

        _feed ??= new FeedState(log, queue);
        if (!_feed.TryReadTo(head))
        {
            throw log.NoBeginning();
        }

        _feed.Require(attestation);
    }

    // The state contains only the hashes of an entry. The content is in the last event of the key.
    private PinnedEntry? FindLast(ReadOnlySpan<byte> key, in TreeHead head)
    {
        using QueueTailer messages = queue.CreateTailer();
        long position = -1;
        for (long left = head.TreeSize; left > 0 && messages.TryRead(out QueueMessage message); left--)
        {
            if (MapChange.TryRead(message.Payload, out MapChange change)
                && (change.Kind == MapChangeKind.Clear || change.Key.SequenceEqual(key)))
            {
                position = change.Kind == MapChangeKind.Put ? message.Position : -1;
            }
        }

        if (position < 0)
        {
            return null;
        }

        messages.Seek(position);
        return messages.TryRead(out QueueMessage last) && MapChange.TryRead(last.Payload, out MapChange put)
            ? new PinnedEntry(put.Version, put.ExpiresAt, put.Value.ToArray())
            : null;
    }
}

/// <summary>The content of an entry.</summary>
internal sealed record PinnedEntry(long Version, long ExpiresAt, byte[] Value);
