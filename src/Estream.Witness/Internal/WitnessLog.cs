using Estream.Core;
using Estream.Crypto;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>Reads the stored attestations of a queue. Checks each attestation by itself, against the previous attestation, and against the
/// messages that it covers.</summary>
internal sealed class WitnessLog(EstreamQueue queue, EstreamQueue witness, IReadOnlyList<IVerifier> keys)
{
    private const long NowhereYet = -1;

    /// <summary>
    /// Checks the messages of the last few entries against their attestations, as far as the queue still has the messages, and checks that
    /// the last attested message exists.
    /// </summary>
    /// <param name="count">The number of entries to check.</param>
    /// <returns>The last entry; null if the witness queue is empty.</returns>
    /// <exception cref="EstreamWitnessException">A check failed, or an entry is invalid.</exception>
    public WitnessEntry? CheckLast(int count)
    {
        using QueueTailer entries = witness.CreateTailer(), messages = queue.CreateTailer();
        var check = new LogCheck(this, messages);
        WitnessEntry? last = null;
        for (long left = GoBack(entries, count + 1L); TryRead(entries, last) is { } entry; left--)
        {
            if (left <= count)
            {
                CheckNext(check, last, entry);
            }

            last = entry;
        }

        GoBehind(messages, last);
        return last;
    }

    /// <summary>Computes the state after all attested messages.</summary>
    /// <param name="last">The last entry, or null.</param>
    /// <exception cref="EstreamWitnessException">The state is not the attested one, or the first messages were deleted.</exception>
    public StateFold ReadState(WitnessEntry? last)
    {
        if (queue.GetInfo().FirstSequence > 0)
        {
            throw NoBeginning();
        }

        if (last is null)
        {
            return new StateFold();
        }

        if (last.Attestation.StateRoot.IsEmpty)
        {
            // Without a signed state, check the messages against all attestations instead.
            _ = CheckLast(int.MaxValue);
        }

        using FeedState feed = new(this, queue);
        if (!feed.TryReadTo(last.Attestation.Head))
        {
            throw NoBeginning();
        }

        if (!last.Attestation.StateRoot.IsEmpty)
        {
            feed.Require(last.Attestation);
        }

        return feed.State;
    }

    /// <summary>Reads the next entry, if there is one.</summary>
    /// <exception cref="EstreamWitnessException">The entry is invalid, not signed with a trusted key, of another log, or does not follow
    /// the previous one.</exception>
    public WitnessEntry? TryRead(QueueTailer tailer, WitnessEntry? before)
    {
        WitnessEntry? entry = TryReadUnsigned(tailer, before, out long number);
        if (entry is not null)
        {
            RequireSigned(number, entry.Attestation);
        }

        return entry;
    }

    /// <exception cref="EstreamWitnessException">The attestation is not signed with a trusted key.</exception>
    public void RequireSigned(long number, Attestation attestation)
    {
        if (!keys.Any(attestation.IsSignedBy))
        {
            throw Fail(WitnessFault.Signature,
                $"Attestation {number} in '{witness.Directory}' is not signed with a trusted key; the id of its key is "
                + $"{Convert.ToHexStringLower(attestation.KeyId)}.", witness);
        }
    }

    /// <summary>Reads the next entry, if there is one, without verifying its signature.</summary>
    /// <param name="tailer">A tailer of the witness queue.</param>
    /// <param name="before">The previous entry, or null if unknown.</param>
    /// <param name="number">Receives the number of the entry in the witness queue.</param>
    /// <exception cref="EstreamWitnessException">The entry is invalid, of another log, or does not follow the previous one.</exception>
    public WitnessEntry? TryReadUnsigned(QueueTailer tailer, WitnessEntry? before, out long number)
    {
        number = -1;
        if (!tailer.TryRead(out QueueMessage message))
        {
            return null;
        }

        number = message.Sequence;
        if (!WitnessEntry.TryParse(message.Payload, out WitnessEntry? entry, out WitnessEntryFault fault))
        {
            throw Fail(WitnessFault.Entry, $"Message {number} of witness queue '{witness.Directory}' is not an entry: {fault}.", witness);
        }

        TreeHead head = entry.Attestation.Head;
        if (head.OriginId != queue.Id)
        {
            throw Fail(WitnessFault.Origin,
                $"Attestation {number} in '{witness.Directory}' is of queue {head.OriginId:x16}; the id of '{queue.Directory}' is "
                + $"{queue.Id:x16}.", witness);
        }

        if (before is null ? number == 0 && entry.PreviousSize != 0 : !Follows(entry, before))
        {
            string reason = before is null ? "there is none" : $"that one covers {before.Attestation.Head.TreeSize}";
            throw Fail(WitnessFault.Entry,
                $"Attestation {number} in '{witness.Directory}', of {head.TreeSize} messages, does not follow the previous one: "
                + $"{reason}, but the entry states {entry.PreviousSize}.", witness);
        }

        return entry;
    }

    /// <summary>Seeks to the first message that is not attested.</summary>
    /// <exception cref="EstreamWitnessException">The last attested message is missing or different.</exception>
    /// <exception cref="EstreamStorageException">Messages that are not attested were deleted.</exception>
    public void GoBehind(QueueTailer tailer, WitnessEntry? last)
    {
        if (last is null)
        {
            tailer.SeekToStart();
            return;
        }

        TreeHead head = last.Attestation.Head;
        if (!TryGoTo(tailer, head.Position, head.Sequence))
        {
            // The last attested message was deleted. Either the message after it still exists, or the seek throws.
            GoToNumber(tailer, head.Sequence + 1, head.Sequence);
        }
        else if (!tailer.TryRead(out QueueMessage message) || message.Sequence != head.Sequence
            || (FindNumber(head.Sequence) ?? head.Position) != head.Position)
        {
            throw Fail(WitnessFault.Missing,
                $"Message {head.Sequence} of queue '{queue.Directory}', the last attested one, is missing.", queue);
        }
    }

    /// <summary>
    /// Seeks the tailer that holds back retention to the first message that is not attested. Does not touch a tailer that is already at
    /// this message: a seek would allow retention to delete the messages before it. If the flush of the last entry failed, these messages
    /// must stay until the entry is durable.
    /// </summary>
    /// <inheritdoc cref="GoBehind" path="/exception"/>
    public void BringBehind(QueueTailer tailer, WitnessEntry? last)
    {
        using QueueTailer place = queue.CreateTailer();
        GoBehind(place, last);
        if (tailer.Position != place.Position)
        {
            GoBehind(tailer, last);
        }
    }

    // After a truncation, for example by a power cut, old data can remain after the end of the log, whole or in part. A seek by position
    // can reach this data; a seek by sequence number cannot.
    private void CheckNext(LogCheck check, WitnessEntry? before, WitnessEntry entry)
    {
        try
        {
            check.Next(before, entry);
        }
        catch (EstreamCorruptionException error) when (FindNumber(entry.Attestation.Head.Sequence) == NowhereYet)
        {
            throw new EstreamWitnessException(
                $"Queue '{queue.Directory}' ends before message {entry.Attestation.Head.Sequence}, up to which it was attested.",
                queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <summary>Returns the position of the message with a number; <see cref="NowhereYet"/> if the log ends before it;
    /// <see langword="null"/> if the position cannot be determined because the message was deleted or data before it is damaged.</summary>
    private long? FindNumber(long sequence)
    {
        using QueueTailer tailer = queue.CreateTailer();
        try
        {
            tailer.SeekToSequence(sequence);
            return tailer.TryPeek(out QueueMessage message) ? message.Position : NowhereYet;
        }
        catch (ArgumentException)
        {
            return NowhereYet;
        }
        catch (EstreamException error) when (error is EstreamCorruptionException
            or EstreamStorageException { Reason: StorageFailure.NotFound })
        {
            return null;
        }
    }

    // Counts entries instead of subtracting sequence numbers, because a number that an appender skipped has no entry.
    private long GoBack(QueueTailer entries, long wanted)
    {
        QueueInfo info = witness.GetInfo();
        for (long numbers = wanted; ; numbers *= 2)
        {
            bool isAll = numbers >= info.MessageCount;
            long first = info.NextSequence - numbers, count = 0;
            bool isFound = TryGoToEntry(entries, first, isAll);
            while (isFound && entries.TryRead(out _))
            {
                count++;
            }

            if (isAll || count >= wanted)
            {
                _ = TryGoToEntry(entries, first, isAll);
                return count;
            }
        }
    }

    private static bool TryGoToEntry(QueueTailer entries, long number, bool isAll)
    {
        if (isAll)
        {
            entries.SeekToStart();
            return true;
        }

        try
        {
            entries.SeekToSequence(number);
            return true;
        }
        catch (ArgumentException)
        {
            // No message has this number or a later one.
            return false;
        }
    }

    private void GoToNumber(QueueTailer tailer, long sequence, long attested)
    {
        try
        {
            tailer.SeekToSequence(sequence);
        }
        catch (ArgumentException error)
        {
            throw new EstreamWitnessException($"Queue '{queue.Directory}' ends before message {attested}, up to which it was attested.",
                queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <returns>True if the queue still has the message with the number.</returns>
    /// <exception cref="EstreamWitnessException">The queue ends before this number.</exception>
    public bool TryGoToNumber(QueueTailer tailer, long sequence, long attested)
    {
        try
        {
            GoToNumber(tailer, sequence, attested);
            return true;
        }
        catch (EstreamStorageException error) when (error.Reason == StorageFailure.NotFound)
        {
            return false;
        }
    }

    /// <returns>True if the queue still has the message at the position.</returns>
    public bool TryGoTo(QueueTailer tailer, long position, long attested)
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
                $"Queue '{queue.Directory}' has no message at position {position}, but one is attested there (up to number {attested}).",
                queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <exception cref="EstreamWitnessException">The first message of an entry is not at the position that the entry states. The position
    /// is not signed, but proofs depend on it.</exception>
    public void RequireFirst(long position, WitnessEntry entry)
    {
        if (position != entry.FirstPosition)
        {
            throw Fail(
                WitnessFault.Entry,
                $"The attestation of {entry.Attestation.Head.TreeSize} messages in '{witness.Directory}' states that its first message "
                + $"is at position {entry.FirstPosition}; the message is at {position}.", witness);
        }
    }

    /// <summary>The kept attestation covers more messages than the stored attestations, or its messages cannot be compared any
    /// more.</summary>
    public EstreamWitnessException Cut(Attestation kept, WitnessEntry? last) => Fail(
        WitnessFault.Missing,
        last is null || last.Attestation.Head.TreeSize < kept.Head.TreeSize
            ? $"The attestations in '{witness.Directory}' cover {last?.Attestation.Head.TreeSize ?? 0} messages; the kept attestation "
                + $"covers {kept.Head.TreeSize}."
            : $"The kept attestation of {kept.Head.TreeSize} messages cannot be compared: queue '{queue.Directory}' no longer has "
                + $"the messages up to number {kept.Head.Sequence}.",
        witness);

    /// <summary>The kept attestation contradicts the messages.</summary>
    public EstreamWitnessException Contradicted(Attestation kept) => Fail(
        WitnessFault.Rewritten,
        $"The first {kept.Head.TreeSize} messages of queue '{queue.Directory}' are not those of the kept attestation: the history "
        + "was rewritten, and both versions are signed.", queue);

    /// <summary>The kept attestation's tree starts at a different message, so it cannot be compared with the stored
    /// attestations.</summary>
    public EstreamWitnessException OfOtherTree(Attestation kept, WitnessEntry entry) => Fail(
        WitnessFault.Origin,
        $"The tree of the kept attestation starts with message {kept.Head.FirstSequence}, that of the attestations in "
        + $"'{witness.Directory}' with {entry.Attestation.Head.FirstSequence}: the witness was started again.",
        witness);

    /// <exception cref="EstreamWitnessException">The kept attestation is of another log, or not signed with a trusted key.</exception>
    public void RequireOurs(Attestation kept)
    {
        if (kept.Head.OriginId != queue.Id)
        {
            throw Fail(WitnessFault.Origin,
                $"The kept attestation is of queue {kept.Head.OriginId:x16}; the id of '{queue.Directory}' is {queue.Id:x16}.", queue);
        }

        if (!keys.Any(kept.IsSignedBy))
        {
            throw Fail(WitnessFault.Signature,
                $"The kept attestation is not signed with a trusted key; the id of its key is "
                + $"{Convert.ToHexStringLower(kept.KeyId)}.", queue);
        }
    }

    /// <summary>The queue ends before the last attested message.</summary>
    public EstreamWitnessException Short(long messages, long size, long attested) => Fail(
        WitnessFault.Missing, $"Queue '{queue.Directory}' ends after {messages} messages; {size} are attested, up to number {attested}.",
        queue);

    /// <summary>The previous entry of an entry was deleted.</summary>
    public EstreamWitnessException NoEntriesBefore(long number, WitnessEntry entry) => Fail(
        WitnessFault.Missing,
        $"Attestation {number} in '{witness.Directory}' starts with leaf {entry.PreviousSize}, and the previous attestation was deleted. "
        + "Its messages cannot be proven without the previous one.", witness);

    /// <summary>Retention has deleted messages that a proof needs.</summary>
    public EstreamWitnessException GivenUp(long leaf) => Fail(
        WitnessFault.Missing,
        $"Queue '{queue.Directory}' has deleted messages around leaf {leaf}, which a proof needs. Make proofs while the messages "
        + "exist, and keep the proofs.", queue);

    /// <summary>A message differs from the attested message.</summary>
    public EstreamWitnessException NotAttested(long sequence) => Fail(
        WitnessFault.Rewritten, $"Message {sequence} of queue '{queue.Directory}', or a message near it, differs from the attested one.",
        queue);

    /// <summary>The state after the messages of an attestation differs from the attested state.</summary>
    public EstreamWitnessException OtherState(in TreeHead head) => Fail(
        WitnessFault.State,
        $"The state after the {head.TreeSize} messages of queue '{queue.Directory}' up to number {head.Sequence} differs from the "
        + "attested one: a message was changed, or the state was damaged in memory when it was signed.",
        queue);

    /// <summary>An attestation does not include a state.</summary>
    public EstreamWitnessException NoState(in TreeHead head) => Fail(
        WitnessFault.State,
        $"The attestation of {head.TreeSize} messages in '{witness.Directory}' does not include a state: its witness was opened "
        + "without IsChangeFeed.", witness);

    /// <summary>The first messages of a feed were deleted.</summary>
    public EstreamWitnessException NoBeginning() => Fail(
        WitnessFault.Missing,
        $"Queue '{queue.Directory}' has deleted its first messages, but the state of a map needs all of them. A change feed that is "
        + "attested with its state must have no retention.", queue);

    /// <summary>The messages of an entry differ from the attested messages.</summary>
    public EstreamWitnessException Rewritten(WitnessEntry? before, WitnessEntry entry) => Fail(
        WitnessFault.Rewritten,
        $"The messages of queue '{queue.Directory}' after number {before?.Attestation.Head.Sequence ?? -1} and up to "
        + $"{entry.Attestation.Head.Sequence} are not those attested: changed, removed, inserted, or reordered.",
        queue);

    private static bool Follows(WitnessEntry entry, WitnessEntry before) =>
        entry.PreviousSize == before.Attestation.Head.TreeSize
            && entry.Attestation.Head.FirstSequence == before.Attestation.Head.FirstSequence
        && entry.FirstPosition > before.Attestation.Head.Position && entry.Attestation.Head.Sequence > before.Attestation.Head.Sequence;

    private static EstreamWitnessException Fail(WitnessFault fault, string message, EstreamQueue where) =>
        new(message, where.Directory, fault);
}
