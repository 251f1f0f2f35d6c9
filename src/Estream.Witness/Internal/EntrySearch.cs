using Estream.Core;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>Finds entries by binary search: a lookup takes few reads, however many entries there are. Caches nothing.</summary>
/// <remarks>Does not verify signatures. May or may not find entries that are appended during the search.</remarks>
internal sealed class EntrySearch(EstreamQueue witness, WitnessLog log) : IDisposable
{
    private readonly QueueTailer _entries = witness.CreateTailer();

    /// <summary>The number of the first entry that exists; -1 if there is none.</summary>
    public long FirstNumber
    {
        get
        {
            _entries.SeekToStart();
            return _entries.TryRead(out QueueMessage first) ? first.Sequence : -1;
        }
    }

    /// <summary>The number of the last entry; -1 if there is none.</summary>
    public long LastNumber
    {
        get
        {
            QueueInfo info = witness.GetInfo();
            for (long back = 1; ; back *= 2)
            {
                // Goes back more than one number only if the last sequence numbers were skipped and belong to no message.
                long first = Math.Max(info.FirstSequence, info.NextSequence - back), last = -1;
                for (bool isThere = TryGoTo(first); isThere && _entries.TryRead(out QueueMessage message);)
                {
                    last = message.Sequence;
                }

                if (last >= 0 || first == info.FirstSequence)
                {
                    return last;
                }
            }
        }
    }

    /// <summary>Returns the entry with a number.</summary>
    /// <returns>Null if no entry has this number.</returns>
    /// <exception cref="EstreamWitnessException">The message is not a valid entry, or does not follow the previous one.</exception>
    public FoundEntry? Get(long number)
    {
        WitnessEntry? before = Before(number);
        return TryGoTo(number) && log.TryReadUnsigned(_entries, before, out long found) is { } entry && found == number
            ? new FoundEntry(number, entry, before)
            : null;
    }

    /// <summary>Returns the first entry that covers a message.</summary>
    /// <param name="sequence">The sequence number of the message.</param>
    /// <returns>Null if no entry covers it.</returns>
    /// <exception cref="EstreamWitnessException">A message that the search reads is not a valid entry, or does not follow the previous
    /// entry.</exception>
    public FoundEntry? Find(long sequence)
    {
        QueueInfo info = witness.GetInfo();
        long low = info.FirstSequence, high = info.NextSequence;
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            WitnessEntry? entry = TryReadFrom(middle, out long number);
            (low, high) = entry is null || number >= high || entry.Attestation.Head.Sequence >= sequence
                ? (low, middle)
                : (number + 1, high);
        }

        return TryReadFrom(low, out long found) is { } first && first.Attestation.Head.Sequence >= sequence ? Get(found) : null;
    }

    /// <summary>Returns the entries after one entry, up to and including another.</summary>
    /// <exception cref="EstreamWitnessException">A message is not a valid entry, or does not follow the previous one.</exception>
    public IEnumerable<WitnessEntry> Between(FoundEntry first, FoundEntry last)
    {
        _ = TryReadFrom(first.Number, out long number);
        WitnessEntry before = first.Entry;
        while (number < last.Number && log.TryReadUnsigned(_entries, before, out number) is { } entry)
        {
            yield return entry;
            before = entry;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _entries.Dispose();

    // Returns the last entry before a number; skips numbers that belong to no message.
    private WitnessEntry? Before(long number)
    {
        for (long back = number - 1; back >= 0 && TryReadFrom(back, out long found) is { } entry; back--)
        {
            if (found < number)
            {
                return entry;
            }
        }

        return null;
    }

    private WitnessEntry? TryReadFrom(long number, out long found)
    {
        found = -1;
        return TryGoTo(number) ? log.TryReadUnsigned(_entries, before: null, out found) : null;
    }

    private bool TryGoTo(long number)
    {
        try
        {
            _entries.SeekToSequence(number);
            return true;
        }
        catch (ArgumentException)
        {
            // No message has this number or a later one.
            return false;
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            // The message was deleted.
            return false;
        }
    }
}

/// <summary>The result of a search for an entry.</summary>
/// <param name="Number">The number of the entry in the witness queue.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Before">The previous entry; null for the first one that exists.</param>
internal sealed record FoundEntry(long Number, WitnessEntry Entry, WitnessEntry? Before);
