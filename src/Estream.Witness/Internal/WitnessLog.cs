using Estream.Core;
using Estream.Crypto;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>The attestations of a queue as they are stored, read and checked: each by itself, each against the one before, and against the
/// messages they are of.</summary>
internal sealed class WitnessLog(EstreamQueue queue, EstreamQueue witness, IReadOnlyList<IVerifier> keys)
{
    private const long NowhereYet = -1;

    /// <summary>
    /// Reads again what the last few entries are of, as far as the queue has it, and demands that it is what was attested, and that the
    /// last message is there.
    /// </summary>
    /// <param name="count">How many entries.</param>
    /// <returns>The last entry; none where the witness queue holds none at all.</returns>
    /// <exception cref="EstreamWitnessException">It is not, or an entry is none.</exception>
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

    /// <summary>The state after the messages that are attested, from all of them.</summary>
    /// <param name="last">The last entry, or none.</param>
    /// <exception cref="EstreamWitnessException">It is not the attested one, or the first messages were given up.</exception>
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
            // No state is signed that would say whether the messages are those attested.
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
    /// <exception cref="EstreamWitnessException">It is none, not signed, of another log, or does not follow the one before.</exception>
    public WitnessEntry? TryRead(QueueTailer tailer, WitnessEntry? before)
    {
        WitnessEntry? entry = TryReadUnsigned(tailer, before, out long number);
        if (entry is not null)
        {
            RequireSigned(number, entry.Attestation);
        }

        return entry;
    }

    /// <exception cref="EstreamWitnessException">An attestation is not signed with a key that is trusted.</exception>
    public void RequireSigned(long number, Attestation attestation)
    {
        if (!keys.Any(attestation.IsSignedBy))
        {
            throw Fail(WitnessFault.Signature,
                $"Attestation {number} in '{witness.Directory}' is not signed with a key that is trusted; its key is "
                + $"{Convert.ToHexStringLower(attestation.KeyId)}.", witness);
        }
    }

    /// <summary>Reads the next entry, if there is one, whoever has signed it.</summary>
    /// <param name="tailer">Of the witness queue.</param>
    /// <param name="before">The entry before, or none where it is not known.</param>
    /// <param name="number">Becomes its number in the witness queue.</param>
    /// <exception cref="EstreamWitnessException">It is none, of another log, or does not follow the one before.</exception>
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
            throw Fail(WitnessFault.Entry, $"Message {number} of witness queue '{witness.Directory}' is no entry: {fault}.", witness);
        }

        TreeHead head = entry.Attestation.Head;
        if (head.OriginId != queue.Id)
        {
            throw Fail(WitnessFault.Origin,
                $"Attestation {number} in '{witness.Directory}' is of the queue {head.OriginId:x16}; '{queue.Directory}' is "
                + $"{queue.Id:x16}.", witness);
        }

        if (before is null ? number == 0 && entry.PreviousSize != 0 : !Follows(entry, before))
        {
            string reason = before is null ? "there is none" : $"that is of {before.Attestation.Head.TreeSize}";
            throw Fail(WitnessFault.Entry,
                $"Attestation {number} in '{witness.Directory}', of {head.TreeSize} messages, does not follow the one before it: "
                + $"{reason}, and it says {entry.PreviousSize}.", witness);
        }

        return entry;
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
        if (!TryGoTo(tailer, head.Position, head.Sequence))
        {
            // Given up with the last attested one: what comes next is still there, or the seek says that it is not.
            GoToNumber(tailer, head.Sequence + 1, head.Sequence);
        }
        else if (!tailer.TryRead(out QueueMessage message) || message.Sequence != head.Sequence
            || (FindNumber(head.Sequence) ?? head.Position) != head.Position)
        {
            throw Fail(WitnessFault.Missing,
                $"The message {head.Sequence} of queue '{queue.Directory}', up to which it is attested, is not there.", queue);
        }
    }

    /// <summary>
    /// The same for the tailer that retention waits for. Where it is there already it is left alone: to seek would be to say that what is
    /// behind it may be given up, and where the device has refused the last entry it may not before that has got there.
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

    // A log that was cut, as a power cut leaves it, may have behind the place what was there before, or a part of that. Positions lead
    // there, and numbers do not.
    private void CheckNext(LogCheck check, WitnessEntry? before, WitnessEntry entry)
    {
        try
        {
            check.Next(before, entry);
        }
        catch (EstreamCorruptionException error) when (FindNumber(entry.Attestation.Head.Sequence) == NowhereYet)
        {
            throw new EstreamWitnessException(
                $"Queue '{queue.Directory}' ends before message {entry.Attestation.Head.Sequence}, up to which it is attested.",
                queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <summary>Where the message of a number is; <see cref="NowhereYet"/> where the log has not come so far, <see langword="null"/> where
    /// that is not to be told: it was given up, or something before it is damaged.</summary>
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

    // Entries are counted and not computed from numbers: those that an appender left out are none.
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
            // No number from there on is a message.
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
            throw new EstreamWitnessException($"Queue '{queue.Directory}' ends before message {attested}, up to which it is attested.",
                queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <returns>Whether the queue still has the message of a number.</returns>
    /// <exception cref="EstreamWitnessException">It has not come that far.</exception>
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

    /// <returns>Whether the queue still has what is there.</returns>
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
                $"Queue '{queue.Directory}' has no message at position {position}, where one is attested (up to number {attested}).",
                queue.Directory, WitnessFault.Missing, error);
        }
    }

    /// <exception cref="EstreamWitnessException">The first message of an entry lies elsewhere than the entry says. That is not signed, and
    /// proofs are made with it.</exception>
    public void RequireFirst(long position, WitnessEntry entry)
    {
        if (position != entry.FirstPosition)
        {
            throw Fail(
                WitnessFault.Entry,
                $"The attestation of {entry.Attestation.Head.TreeSize} messages in '{witness.Directory}' says that its first message is "
                + $"at position {entry.FirstPosition}; it is at {position}.", witness);
        }
    }

    /// <summary>The kept attestation is of a tree that these attestations do not come to.</summary>
    public EstreamWitnessException Cut(Attestation kept, WitnessEntry? last) => Fail(
        WitnessFault.Missing,
        last is null || last.Attestation.Head.TreeSize < kept.Head.TreeSize
            ? $"The attestations in '{witness.Directory}' end with {last?.Attestation.Head.TreeSize ?? 0} messages; the one that was kept "
                + $"is of {kept.Head.TreeSize}."
            : $"The attestation of {kept.Head.TreeSize} messages that was kept cannot be compared: queue '{queue.Directory}' does not "
                + $"have the messages up to number {kept.Head.Sequence} any more.",
        witness);

    /// <summary>The kept attestation says something else.</summary>
    public EstreamWitnessException Contradicted(Attestation kept) => Fail(
        WitnessFault.Rewritten,
        $"The first {kept.Head.TreeSize} messages of queue '{queue.Directory}' are not those of the attestation that was kept: history "
        + "was rewritten, and both are signed.", queue);

    /// <summary>The kept attestation is of a tree that begins elsewhere, so neither says anything of the other.</summary>
    public EstreamWitnessException OfOtherTree(Attestation kept, WitnessEntry entry) => Fail(
        WitnessFault.Origin,
        $"The attestation that was kept is of a tree that begins with message {kept.Head.FirstSequence}, those in '{witness.Directory}' "
        + $"are of one that begins with {entry.Attestation.Head.FirstSequence}: the witness was begun anew.",
        witness);

    /// <exception cref="EstreamWitnessException">A kept attestation is of another log, or not signed with a key that is
    /// trusted.</exception>
    public void RequireOurs(Attestation kept)
    {
        if (kept.Head.OriginId != queue.Id)
        {
            throw Fail(WitnessFault.Origin,
                $"The attestation that was kept is of the queue {kept.Head.OriginId:x16}; '{queue.Directory}' is {queue.Id:x16}.", queue);
        }

        if (!keys.Any(kept.IsSignedBy))
        {
            throw Fail(WitnessFault.Signature,
                $"The attestation that was kept is not signed with a key that is trusted; its key is "
                + $"{Convert.ToHexStringLower(kept.KeyId)}.", queue);
        }
    }

    /// <summary>The queue ends too early.</summary>
    public EstreamWitnessException Short(long messages, long size, long attested) => Fail(
        WitnessFault.Missing, $"Queue '{queue.Directory}' ends after {messages} messages; {size} are attested, up to number {attested}.",
        queue);

    /// <summary>The entry before one was given up.</summary>
    public EstreamWitnessException NoEntriesBefore(long number, WitnessEntry entry) => Fail(
        WitnessFault.Missing,
        $"Attestation {number} in '{witness.Directory}' begins with message {entry.PreviousSize} of its log, and the one before it was "
        + "given up: what came in between cannot be proven without that.", witness);

    /// <summary>Retention was there.</summary>
    public EstreamWitnessException GivenUp(long leaf) => Fail(
        WitnessFault.Missing,
        $"Queue '{queue.Directory}' has given up messages around leaf {leaf}, which a proof needs. Make proofs while the messages are "
        + "there, and keep them.", queue);

    /// <summary>A message is not the one that was attested.</summary>
    public EstreamWitnessException NotAttested(long sequence) => Fail(
        WitnessFault.Rewritten, $"Message {sequence} of queue '{queue.Directory}', or one close to it, is not the one that was attested.",
        queue);

    /// <summary>The state after the messages of an attestation is another.</summary>
    public EstreamWitnessException OtherState(in TreeHead head) => Fail(
        WitnessFault.State,
        $"The state that follows from the {head.TreeSize} messages of queue '{queue.Directory}' up to number {head.Sequence} is not the "
        + "one that was attested: a message was changed, or the state was damaged in memory when it was signed.",
        queue);

    /// <summary>An attestation says nothing of a state.</summary>
    public EstreamWitnessException NoState(in TreeHead head) => Fail(
        WitnessFault.State,
        $"The attestation of {head.TreeSize} messages in '{witness.Directory}' says nothing of a state: its witness was not told that the "
        + "queue is a change feed (IsChangeFeed).", witness);

    /// <summary>The beginning of a feed is gone.</summary>
    public EstreamWitnessException NoBeginning() => Fail(
        WitnessFault.Missing,
        $"Queue '{queue.Directory}' has given up its first messages, and the state of a map follows from all of them. A change feed that "
        + "is attested with its state has no retention.", queue);

    /// <summary>The messages of an entry are others.</summary>
    public EstreamWitnessException Rewritten(WitnessEntry? before, WitnessEntry entry) => Fail(
        WitnessFault.Rewritten,
        $"The messages of queue '{queue.Directory}' behind number {before?.Attestation.Head.Sequence ?? -1} and up to "
        + $"{entry.Attestation.Head.Sequence} are not those attested: changed, removed, put in between, or in another order.",
        queue);

    private static bool Follows(WitnessEntry entry, WitnessEntry before) =>
        entry.PreviousSize == before.Attestation.Head.TreeSize
            && entry.Attestation.Head.FirstSequence == before.Attestation.Head.FirstSequence
        && entry.FirstPosition > before.Attestation.Head.Position && entry.Attestation.Head.Sequence > before.Attestation.Head.Sequence;

    private static EstreamWitnessException Fail(WitnessFault fault, string message, EstreamQueue where) =>
        new(message, where.Directory, fault);
}
