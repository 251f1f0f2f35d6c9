using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>
/// Compares messages with their attestations, from the first message that can be checked. No later message is skipped. Existing messages
/// and signed data determine where the check starts, never the unsigned parts of an entry.
/// </summary>
/// <param name="log">The attestations of the queue.</param>
/// <param name="messages">A tailer of the queue for exclusive use by this check.</param>
/// <param name="kept">An attestation kept outside the witness queue, which the messages must also match; or null.</param>
internal sealed class LogCheck(WitnessLog log, QueueTailer messages, Attestation? kept = null)
{
    private MerkleTreeBuilder? _tree;
    private (long Sequence, long Position) _read;
    private bool _isKeptFound;

    /// <summary>The number of entries of which no message exists.</summary>
    public long Unchecked { get; private set; }

    /// <summary>The number of messages that exist and should be attested, but cannot be proven because adjacent messages are
    /// gone.</summary>
    public long Unproven { get; private set; }

    /// <summary>The number of messages that match the attestations.</summary>
    public long Proven { get; private set; }

    /// <summary>Checks the messages of the next entry.</summary>
    /// <exception cref="EstreamWitnessException">The messages differ from the attested messages.</exception>
    public void Next(WitnessEntry? before, WitnessEntry entry)
    {
        if (kept is not null && kept.Head.FirstSequence != entry.Attestation.Head.FirstSequence)
        {
            throw log.OfOtherTree(kept, entry);
        }

        _tree ??= Begin(before, entry);
        if (_tree is null)
        {
            Unchecked++;
            LookAtKept(entry.Attestation.Head.TreeSize, entry.Attestation.Root);
            return;
        }

        long size = _tree.Size;
        ReadThrough(before, entry);
        LookAtKept(_tree.Size, entry.Attestation.Root);
        Proven += _tree.Size - size;
    }

    /// <summary>Reads the messages after the last entry.</summary>
    /// <returns>The number of these messages.</returns>
    public long CountBehind()
    {
        if (_tree is null)
        {
            // No message of any entry exists, so all existing messages were appended after the last entry.
            messages.SeekToStart();
        }

        long count = 0;
        while (messages.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>Throws unless the kept attestation belongs to this history.</summary>
    /// <exception cref="EstreamWitnessException">The kept attestation does not belong to this history, or this cannot be
    /// determined.</exception>
    public void RequireKept(WitnessEntry? last)
    {
        if (kept is not null && !_isKeptFound)
        {
            throw log.Cut(kept, last);
        }
    }

    private void ReadThrough(WitnessEntry? before, WitnessEntry entry)
    {
        TreeHead head = entry.Attestation.Head;
        long first = entry.FirstPosition;
        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        while (_tree!.Size < head.TreeSize)
        {
            if (!messages.TryRead(out QueueMessage message))
            {
                throw log.Short(_tree.Size, head.TreeSize, head.Sequence);
            }

            if (_tree.Size == entry.PreviousSize)
            {
                // From here on, the builder's blocks are those of this entry.
                _tree.Flush();
                _tree.ForgetBlocks();
                first = message.Position;
            }

            MessageLeaf.Append(_tree, message);
            _read = (message.Sequence, message.Position);
            if (_tree.Size == kept?.Head.TreeSize)
            {
                // A kept attestation can end within an entry if another witness made it.
                _tree.GetRoot(root);
                LookAtKept(_tree.Size, root);
            }
        }

        _tree.GetRoot(root);
        if (_read != (head.Sequence, head.Position) || !root.SequenceEqual(entry.Attestation.Root) || !entry.Blocks.EndsWith(_tree.Blocks))
        {
            throw log.Rewritten(before, entry);
        }

        log.RequireFirst(first, entry);
    }

    private void LookAtKept(long size, ReadOnlySpan<byte> root)
    {
        if (size == kept?.Head.TreeSize)
        {
            _isKeptFound = root.SequenceEqual(kept.Root) ? true : throw log.Contradicted(kept);
        }
    }

    // Returns the tree before the first message to read; null if no message of the entry exists.
    private MerkleTreeBuilder? Begin(WitnessEntry? before, WitnessEntry entry)
    {
        TreeHead head = entry.Attestation.Head;
        if (before is not null && log.TryGoTo(messages, entry.FirstPosition, entry.Attestation.Head.Sequence))
        {
            return new MerkleTreeBuilder(before.Resume());
        }

        messages.SeekToStart();
        if (!messages.TryPeek(out QueueMessage first))
        {
            return messages.Position > head.Position ? null : throw log.Short(0, head.TreeSize, head.Sequence);
        }

        if (first.Position > head.Position)
        {
            return null;
        }

        // The signed head states the sequence number of the first leaf. If the queue still has this message, it has all later ones, even if
        // attestations were removed.
        return first.Sequence == head.FirstSequence ? new MerkleTreeBuilder()
            : first.Sequence < head.FirstSequence ? throw log.Rewritten(before, entry)
            : BeginAmid(before, entry, first.Position);
    }

    // Retention has deleted the first messages of the entry, so the remaining messages are the entry's last leaves. Checking starts at the
    // first remaining message before which the tree is known.
    private MerkleTreeBuilder BeginAmid(WitnessEntry? before, WitnessEntry entry, long position)
    {
        long first = entry.Attestation.Head.TreeSize - CountThrough(entry);
        if (first <= (before?.Attestation.Head.TreeSize ?? 0))
        {
            throw log.Rewritten(before, entry);
        }

        var tree = new MerkleTreeBuilder(EarlierTrees.FirstFrom(first, before, entry));
        messages.Seek(position);
        for (; first < tree.Size && messages.TryRead(out QueueMessage message); first++)
        {
            _read = (message.Sequence, message.Position);
            Unproven++;
        }

        return tree;
    }

    private long CountThrough(WitnessEntry entry)
    {
        long count = 0;
        TreeHead head = entry.Attestation.Head;
        for (long sequence = -1; sequence < head.Sequence; count++)
        {
            sequence = messages.TryRead(out QueueMessage message) ? message.Sequence : throw log.Short(count, head.TreeSize, head.Sequence);
        }

        return count;
    }
}
