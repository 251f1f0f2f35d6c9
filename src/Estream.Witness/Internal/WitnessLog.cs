using Estream.Core;
using Estream.Crypto;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>The attestations of a queue as they are stored, read and checked: each by itself, each against the one before, and against the messages they are of.</summary>
internal sealed class WitnessLog(EstreamQueue queue, EstreamQueue witness, IReadOnlyList<IVerifier> keys)
{
    /// <summary>Reads the last entry, and before it those from which so many can be checked against messages.</summary>
    public IReadOnlyList<WitnessEntry> ReadLast(int count)
    {
        QueueInfo info = witness.GetInfo();
        using QueueTailer tailer = witness.CreateTailer();
        long first = Math.Max(info.FirstSequence, info.NextSequence - Math.Max(1, Math.Min(count, info.MessageCount)) - 1);
        if (info.MessageCount > 0)
        {
            tailer.SeekToSequence(first);
        }

        List<WitnessEntry> entries = [];
        while (TryRead(tailer, entries.Count == 0 ? null : entries[^1]) is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Reads the next entry, if there is one.</summary>
    /// <exception cref="EstreamWitnessException">It is none, not signed, of another log, or does not follow the one before.</exception>
    public WitnessEntry? TryRead(QueueTailer tailer, WitnessEntry? before)
    {
        if (!tailer.TryRead(out QueueMessage message))
        {
            return null;
        }

        if (!WitnessEntry.TryParse(message.Payload, out WitnessEntry? entry, out WitnessEntryFault fault))
        {
            throw Fail(WitnessFault.Entry, $"Message {message.Sequence} of witness queue '{witness.Directory}' is no entry: {fault}.", witness);
        }

        if (entry.Attestation.Head.OriginId != queue.Id)
        {
            throw Fail(WitnessFault.Origin, $"Attestation {message.Sequence} in '{witness.Directory}' is of the queue {entry.Attestation.Head.OriginId:x16}; '{queue.Directory}' is {queue.Id:x16}.", witness);
        }

        if (!keys.Any(entry.Attestation.IsSignedBy))
        {
            throw Fail(WitnessFault.Signature, $"Attestation {message.Sequence} in '{witness.Directory}' is not signed with a key that is trusted; its key is {Convert.ToHexStringLower(entry.Attestation.KeyId)}.", witness);
        }

        if (before is not null && !Follows(entry, before))
        {
            throw Fail(WitnessFault.Entry, $"Attestation {message.Sequence} in '{witness.Directory}', of {entry.Attestation.Head.TreeSize} messages, does not follow the one before it, of {before.Attestation.Head.TreeSize}.", witness);
        }

        return entry;
    }

    /// <summary>Reads again what the last few entries are of, as far as the queue has it, and demands that it is what was attested, and that the last message is there.</summary>
    /// <exception cref="EstreamWitnessException">It is not.</exception>
    public void Recheck(IReadOnlyList<WitnessEntry> entries, int count)
    {
        using QueueTailer tailer = queue.CreateTailer();
        for (int at = Math.Max(0, entries.Count - count); at < entries.Count; at++)
        {
            WitnessEntry? before = at == 0 ? null : entries[at - 1];
            if ((before is not null || entries[at].PreviousSize == 0) && TryGoTo(tailer, entries[at].FirstPosition, entries[at]))
            {
                Check(tailer, before, entries[at]);
            }
        }

        GoBehind(tailer, entries.Count == 0 ? null : entries[^1]);
    }

    /// <summary>Reads the messages of an entry from where a tailer is, and demands that they are those attested.</summary>
    /// <exception cref="EstreamWitnessException">They are not.</exception>
    public void Check(QueueTailer tailer, WitnessEntry? before, WitnessEntry entry)
    {
        TreeHead head = entry.Attestation.Head;
        var tree = new MerkleTreeBuilder(before?.Resume() ?? new MerkleFrontier());
        (long Sequence, long Position) last = default;
        while (tree.Size < head.TreeSize)
        {
            if (!tailer.TryRead(out QueueMessage message))
            {
                throw Short(tree.Size, entry);
            }

            MessageLeaf.Append(tree, message);
            last = (message.Sequence, message.Position);
        }

        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        tree.GetRoot(root);
        if (last != (head.Sequence, head.Position) || !root.SequenceEqual(entry.Attestation.Root) || !tree.Blocks.SequenceEqual(entry.Blocks))
        {
            throw Rewritten(before, entry);
        }
    }

    /// <summary>Goes to the first message that is not attested.</summary>
    /// <exception cref="EstreamWitnessException">The last one that is is not there, or another one.</exception>
    /// <exception cref="EstreamStorageException">Messages that are not attested were given up.</exception>
    public void GoBehind(QueueTailer tailer, WitnessEntry? last)
    {
        if (last is null)
        {
            tailer.SeekToStart();
            return;
        }

        TreeHead head = last.Attestation.Head;
        if (!TryGoTo(tailer, head.Position, last))
        {
            // Given up with the last attested one: what comes next is still there, or the seek says that it is not.
            tailer.SeekToSequence(head.Sequence + 1);
        }
        else if (!tailer.TryRead(out QueueMessage message) || message.Sequence != head.Sequence)
        {
            throw Fail(WitnessFault.Missing, $"The message {head.Sequence} of queue '{queue.Directory}', up to which it is attested, is not there.", queue);
        }
    }

    /// <returns>Whether the queue still has what is there.</returns>
    public bool TryGoTo(QueueTailer tailer, long position, WitnessEntry entry)
    {
        try
        {
            tailer.Seek(position);
            return true;
        }
        catch (EstreamStorageException error) when (error.Reason == StorageFailure.NotFound)
        {
            return false;
        }
        catch (ArgumentException error)
        {
            throw new EstreamWitnessException(
                $"Queue '{queue.Directory}' has no message at position {position}, where one is attested (up to number {entry.Attestation.Head.Sequence}).", queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <summary>The queue ends too early.</summary>
    public EstreamWitnessException Short(long messages, WitnessEntry entry) => Fail(
        WitnessFault.Missing,
        $"Queue '{queue.Directory}' ends after {messages} messages; {entry.Attestation.Head.TreeSize} are attested, up to number {entry.Attestation.Head.Sequence}.", queue);

    /// <summary>Retention was there.</summary>
    public EstreamWitnessException GivenUp(long leaf) => Fail(
        WitnessFault.Missing, $"Queue '{queue.Directory}' has given up messages around leaf {leaf}, which a proof needs. Make proofs while the messages are there, and keep them.", queue);

    /// <summary>A message is not the one that was attested.</summary>
    public EstreamWitnessException NotAttested(long sequence) => Fail(
        WitnessFault.Rewritten, $"Message {sequence} of queue '{queue.Directory}', or one close to it, is not the one that was attested.", queue);

    private EstreamWitnessException Rewritten(WitnessEntry? before, WitnessEntry entry) => Fail(
        WitnessFault.Rewritten,
        $"The messages of queue '{queue.Directory}' behind number {before?.Attestation.Head.Sequence ?? -1} and up to {entry.Attestation.Head.Sequence} are not those attested: changed, removed, put in between, or in another order.",
        queue);

    private static bool Follows(WitnessEntry entry, WitnessEntry before) =>
        entry.PreviousSize == before.Attestation.Head.TreeSize && entry.FirstPosition > before.Attestation.Head.Position && entry.Attestation.Head.Sequence > before.Attestation.Head.Sequence;

    private static EstreamWitnessException Fail(WitnessFault fault, string message, EstreamQueue where) => new(message, where.Directory, fault);
}
