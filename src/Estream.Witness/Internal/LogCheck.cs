using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>
/// Reads messages beside their attestations, from the first message that can be checked on: none behind that is passed over. Where to begin
/// is decided by the messages that are there and by what was signed, never by what only stands beside an attestation.
/// </summary>
/// <param name="log">Its attestations.</param>
/// <param name="messages">A tailer of the queue, which is this check's from now on.</param>
/// <param name="kept">An attestation from elsewhere that the messages have to fit as well, or none.</param>
internal sealed class LogCheck(WitnessLog log, QueueTailer messages, Attestation? kept = null)
{
    private MerkleTreeBuilder? _tree;
    private (long Sequence, long Position) _read;
    private bool _isKeptFound;

    /// <summary>Entries of which no message is there.</summary>
    public long Unchecked { get; private set; }

    /// <summary>Messages that are there, are said to be attested, and cannot be proven to be, since others beside them are gone.</summary>
    public long Unproven { get; private set; }

    /// <summary>Messages that are those attested.</summary>
    public long Proven { get; private set; }

    /// <summary>Goes on with the next entry.</summary>
    /// <exception cref="EstreamWitnessException">Its messages are not those attested.</exception>
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

    /// <summary>Goes to the first message behind the last entry.</summary>
    /// <returns>How many there are.</returns>
    public long CountBehind()
    {
        if (_tree is null)
        {
            // No message of any entry is there: whatever is, came later.
            messages.SeekToStart();
        }

        long count = 0;
        while (messages.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>Demands that the kept attestation is one of this history.</summary>
    /// <exception cref="EstreamWitnessException">It is not, or that cannot be told.</exception>
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
                // From here on the blocks are those of this entry.
                _tree.Flush();
                _tree.ForgetBlocks();
                first = message.Position;
            }

            MessageLeaf.Append(_tree, message);
            _read = (message.Sequence, message.Position);
            if (_tree.Size == kept?.Head.TreeSize)
            {
                // Somewhere amid an entry, where the one that was kept is of another witness.
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

    // The tree in front of the first message that is to be read; none where no message of the entry is there.
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

        // What is signed says which message is the first leaf: with that one all are there, whatever became of attestations.
        return first.Sequence == head.FirstSequence ? new MerkleTreeBuilder()
            : first.Sequence < head.FirstSequence ? throw log.Rewritten(before, entry)
            : BeginAmid(before, entry, first.Position);
    }

    // Retention has taken the first messages of the entry. The others are its last leaves: from the first of them that has a known tree in
    // front of it, they are checked.
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
