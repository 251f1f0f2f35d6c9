using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Checks a whole queue against its attestations with public keys alone: every message is read, and every attestation
/// verified.</summary>
public static class WitnessVerifier
{
    /// <summary>Reads both queues from their beginnings. Repairs nothing, and writes nothing: both may be open read-only.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">Its attestations.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    /// <exception cref="EstreamStorageException">A queue cannot be read.</exception>
    /// <remarks>
    /// Costs some hundred nanoseconds for a message, and a verification of a signature for an attestation. Roots of a map's state are
    /// checked where all messages are there: these are read once more, and the state takes the memory that a witness of it takes.
    /// </remarks>
    public static WitnessVerification Verify(EstreamQueue queue, EstreamQueue witness, params IReadOnlyList<IVerifier> keys) => Run(queue, witness, kept: null, keys);

    /// <summary>As the other one, and demands that the history is the one of an attestation that was kept elsewhere: neither another one,
    /// nor one that was cut off before it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">Its attestations.</param>
    /// <param name="kept">An attestation of the queue, from wherever.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    /// <exception cref="EstreamStorageException">A queue cannot be read.</exception>
    public static WitnessVerification Verify(EstreamQueue queue, EstreamQueue witness, Attestation kept, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return Run(queue, witness, kept, keys);
    }

    private static WitnessVerification Run(EstreamQueue queue, EstreamQueue witness, Attestation? kept, IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(witness);
        ArgumentNullException.ThrowIfNull(keys);
        var log = new WitnessLog(queue, witness, keys);
        using QueueTailer messages = queue.CreateTailer(), entries = witness.CreateTailer();
        var check = new LogCheck(log, messages, kept);
        using FeedState feed = new(log, queue);
        var found = new WitnessVerification(0, 0, 0, 0, 0, null, null);
        try
        {
            ReadAll(log, check, feed, entries, kept, ref found);
        }
        catch (EstreamWitnessException error)
        {
            found = found with { Damage = new WitnessDamage(error.Fault, error.Message) };
        }
        catch (EstreamException error) when (error is not EstreamStorageException)
        {
            // Damaged frames, headers of no known format, a key that does not open them: a bit is enough for each, and none of it is the
            // caller's mistake.
            found = found with { Damage = new WitnessDamage(WitnessFault.Unreadable, error.Message) };
        }

        return found with { Unchecked = check.Unchecked, Messages = check.Proven, Unproven = check.Unproven };
    }

    private static void ReadAll(WitnessLog log, LogCheck check, FeedState feed, QueueTailer entries, Attestation? kept, ref WitnessVerification found)
    {
        if (kept is not null)
        {
            log.RequireOurs(kept);
        }

        WitnessEntry? before = null;
        while (log.TryRead(entries, before) is { } entry)
        {
            check.Next(before, entry);
            if (!entry.Attestation.StateRoot.IsEmpty && feed.TryReadTo(entry.Attestation.Head))
            {
                feed.Require(entry.Attestation);
            }

            found = found with { Attestations = found.Attestations + 1, Last = entry.Attestation.Head };
            before = entry;
        }

        check.RequireKept(before);
        found = found with { Unattested = check.CountBehind() };
    }
}
