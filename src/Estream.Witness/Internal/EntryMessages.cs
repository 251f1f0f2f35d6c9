using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>Reads the messages that an entry covers, by leaf index.</summary>
/// <param name="log">The log of the entry.</param>
/// <param name="messages">A tailer of the queue for exclusive use.</param>
/// <param name="before">The previous entry; null for the first one.</param>
/// <param name="entry">The entry.</param>
internal sealed class EntryMessages(WitnessLog log, QueueTailer messages, WitnessEntry? before, WitnessEntry entry)
{
    private readonly TreeHead _head = entry.Attestation.Head;
    private readonly long _sequenceBefore = before?.Attestation.Head.Sequence ?? entry.Attestation.Head.FirstSequence - 1;

    // True if no sequence numbers were skipped, so that a message's number determines its leaf.
    private bool HasAllNumbers => _head.Sequence - _sequenceBefore == _head.TreeSize - entry.PreviousSize;

    /// <summary>Seeks to a message, or to a message before it.</summary>
    /// <param name="sequence">The sequence number of a message that the entry covers.</param>
    /// <returns>The leaf index of the next message.</returns>
    /// <exception cref="EstreamWitnessException">The message does not exist.</exception>
    public long GoTo(long sequence)
    {
        if (!HasAllNumbers)
        {
            return GoToFirst();
        }

        // A sequence number before the entry's first leaf belongs to no message.
        long leaf = Math.Max(entry.PreviousSize, entry.PreviousSize + sequence - _sequenceBefore - 1);
        GoToLeaf(leaf);
        return leaf;
    }

    /// <summary>Seeks to a leaf of the entry.</summary>
    /// <exception cref="EstreamWitnessException">The leaf's message does not exist.</exception>
    public void GoToLeaf(long leaf)
    {
        if (HasAllNumbers)
        {
            if (!log.TryGoToNumber(messages, _sequenceBefore + 1 + leaf - entry.PreviousSize, _head.Sequence))
            {
                throw log.GivenUp(leaf);
            }

            return;
        }

        long next = GoToFirst();
        if (next > leaf)
        {
            throw log.GivenUp(leaf);
        }

        for (; next < leaf; next++)
        {
            _ = Read(next);
        }
    }

    /// <summary>Reads the next message, if there is one.</summary>
    public bool TryRead(out QueueMessage message) => messages.TryRead(out message);

    /// <summary>Reads the next message, which must be the given leaf.</summary>
    /// <exception cref="EstreamWitnessException">There is no next message.</exception>
    public QueueMessage Read(long leaf) => messages.TryRead(out QueueMessage message)
        ? message
        : throw log.Short(leaf, _head.TreeSize, _head.Sequence);

    // Seeks to the first message of the entry that still exists, and returns its leaf index. If retention has deleted messages, the
    // remaining messages are the last leaves.
    private long GoToFirst()
    {
        if (log.TryGoTo(messages, entry.FirstPosition, _head.Sequence))
        {
            return entry.PreviousSize;
        }

        messages.SeekToStart();
        long count = 0;
        while (messages.TryRead(out QueueMessage message) && message.Sequence <= _head.Sequence)
        {
            count++;
        }

        messages.SeekToStart();
        return _head.TreeSize - count;
    }
}
