using Estream.Core;
using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>Finds entries by halving what there is: a look takes a few reads, however many there are, and nothing is kept.</summary>
/// <remarks>Whoever has signed an entry is another question. Entries that come in while it looks are found or not.</remarks>
internal sealed class EntrySearch(EstreamQueue witness, WitnessLog log) : IDisposable
{
    private readonly QueueTailer _entries = witness.CreateTailer();

    /// <summary>The number of the first entry that is there; -1 where there is none.</summary>
    public long FirstNumber
    {
        get
        {
            _entries.SeekToStart();
            return _entries.TryRead(out QueueMessage first) ? first.Sequence : -1;
        }
    }

    /// <summary>The number of the last entry; -1 where there is none.</summary>
    public long LastNumber
    {
        get
        {
            QueueInfo info = witness.GetInfo();
            for (long back = 1; ; back *= 2)
            {
                // More than one back only where numbers at the end are of no message.
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

    /// <summary>The entry of a number.</summary>
    /// <returns>None where no entry has it.</returns>
    /// <exception cref="EstreamWitnessException">What has it is no entry, or does not follow the one before it.</exception>
    public FoundEntry? Get(long number)
    {
        WitnessEntry? before = Before(number);
        return TryGoTo(number) && log.TryReadUnsigned(_entries, before, out long found) is { } entry && found == number
            ? new FoundEntry(number, entry, before)
            : null;
    }

    /// <summary>The first entry that counts a message.</summary>
    /// <param name="sequence">The message's number.</param>
    /// <returns>None where no entry does.</returns>
    /// <exception cref="EstreamWitnessException">What was looked at is no entry, or does not follow the one before it.</exception>
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

    /// <summary>The entries behind one, up to another one and with it.</summary>
    /// <exception cref="EstreamWitnessException">What is there is no entry, or does not follow the one before it.</exception>
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

    // That of the number before, unless that is of no message.
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
            // No number from there on is a message.
            return false;
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            // It was given up.
            return false;
        }
    }
}

/// <summary>An entry that was looked for.</summary>
/// <param name="Number">Its number in the witness queue.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Before">The one before it; none before the first that is there.</param>
internal sealed record FoundEntry(long Number, WitnessEntry Entry, WitnessEntry? Before);
