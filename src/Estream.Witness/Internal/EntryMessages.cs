using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>The messages that an entry is of, by which leaf they are.</summary>
/// <param name="log">The entry's log.</param>
/// <param name="messages">A tailer of the queue, which nobody else moves meanwhile.</param>
/// <param name="before">The entry before; none before the first.</param>
/// <param name="entry">The entry.</param>
internal sealed class EntryMessages(WitnessLog log, QueueTailer messages, WitnessEntry? before, WitnessEntry entry)
{
    private readonly TreeHead _head = entry.Attestation.Head;
    private readonly long _sequenceBefore = before?.Attestation.Head.Sequence ?? entry.Attestation.Head.FirstSequence - 1;

    // Then the number says which leaf a message is.
    private bool HasAllNumbers => _head.Sequence - _sequenceBefore == _head.TreeSize - entry.PreviousSize;

    /// <summary>Goes to a message, or before it.</summary>
    /// <param name="sequence">The message's number, which the entry counts.</param>
    /// <returns>Which leaf the next message is.</returns>
    /// <exception cref="EstreamWitnessException">It is not there.</exception>
    public long GoTo(long sequence)
    {
        if (!HasAllNumbers)
        {
            return GoToFirst();
        }

        // A number that is before the first leaf's is none at all.
        long leaf = Math.Max(entry.PreviousSize, entry.PreviousSize + sequence - _sequenceBefore - 1);
        GoToLeaf(leaf);
        return leaf;
    }

    /// <summary>Goes to a leaf of the entry.</summary>
    /// <exception cref="EstreamWitnessException">It is not there.</exception>
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

    /// <summary>Reads the next message, which is a leaf.</summary>
    /// <exception cref="EstreamWitnessException">There is none.</exception>
    public QueueMessage Read(long leaf) => messages.TryRead(out QueueMessage message)
        ? message
        : throw log.Short(leaf, _head.TreeSize, _head.Sequence);

    // The first message that is there. Where retention has taken some, the others are the entry's last leaves.
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
