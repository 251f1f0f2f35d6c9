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
    public static WitnessVerification Verify(EstreamQueue queue, EstreamQueue witness, params IReadOnlyList<IVerifier> keys) =>
        Run(queue, witness, kept: null, keys);

    /// <summary>As the other one, and demands that the history is the one of an attestation that was kept elsewhere: neither another one,
    /// nor one that was cut off before it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">Its attestations.</param>
    /// <param name="kept">An attestation of the queue, from wherever.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    /// <exception cref="EstreamStorageException">A queue cannot be read.</exception>
    public static WitnessVerification Verify(EstreamQueue queue, EstreamQueue witness, Attestation kept,
        params IReadOnlyList<IVerifier> keys)
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
            found = found with { Damage = new WitnessMismatch(error.Fault, error.Message) };
        }
        catch (EstreamException error) when (error is not EstreamStorageException)
        {
            // Damaged frames, headers of no known format, a key that does not open them: a bit is enough for each, and none of it is the
            // caller's mistake.
            found = found with { Damage = new WitnessMismatch(WitnessFault.Unreadable, error.Message) };
        }

        return found with { Unchecked = check.Unchecked, Messages = check.Proven, Unproven = check.Unproven };
    }

    private static void ReadAll(WitnessLog log, LogCheck check, FeedState feed, QueueTailer entries, Attestation? kept,
        ref WitnessVerification found)
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

/// <summary>What a check of a queue against its attestations found.</summary>
/// <param name="Attestations">Attestations that are whole, signed, and follow each other, up to the first damage.</param>
/// <param name="Unchecked">Of these, those at the beginning of which no message is there: given up by retention, or removed, which nothing
/// tells apart.</param>
/// <param name="Messages">Messages that were read and are those attested.</param>
/// <param name="Unproven">Messages that are there, are said to be attested, and cannot be proven to be, since retention, or somebody else,
/// has taken others beside them: at most 255 where the attestations are there.</param>
/// <param name="Unattested">Messages behind the last attestation.</param>
/// <param name="Last">What the last whole attestation says; <see langword="null"/> when there is none.</param>
/// <param name="Damage">The first damage, or <see langword="null"/> when there is none.</param>
public sealed record WitnessVerification(long Attestations, long Unchecked, long Messages, long Unproven, long Unattested, TreeHead? Last,
    WitnessMismatch? Damage)
{
    /// <summary>Whether everything that was ever attested is there and as it was attested. Where nothing was, there is nothing that could
    /// be.</summary>
    public bool IsWhole => IsWholeButGivenUp && Unchecked == 0 && Unproven == 0;

    /// <summary>Whether there are attestations, and nothing contradicts them, but for messages that are not there or not proven: of a queue
    /// with retention there is no more to be had.</summary>
    public bool IsWholeButGivenUp => Damage is null && Attestations > 0;
}

/// <summary>How a queue contradicts its attestations.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Reason">Where, and what contradicts what.</param>
public sealed record WitnessMismatch(WitnessFault Fault, string Reason);

/// <summary>What is wrong with a log or its attestations.</summary>
public enum WitnessFault
{
    /// <summary>A message of the witness queue is no entry, or does not follow the one before.</summary>
    Entry,

    /// <summary>An attestation is of another log.</summary>
    Origin,

    /// <summary>An attestation is not signed with a key that is trusted.</summary>
    Signature,

    /// <summary>Messages that are attested are not there, though nothing has given them up.</summary>
    Missing,

    /// <summary>Messages are not those that are attested: changed, removed, put in between, or in another order.</summary>
    Rewritten,

    /// <summary>The tree that is to be attested does not begin with the one that was.</summary>
    Inconsistent,

    /// <summary>What is there cannot be read: it is damaged, of an unknown format, or encrypted with a key that is not to be had.</summary>
    Unreadable,

    /// <summary>The state that follows from the messages of a change feed is not the attested one, or none is attested.</summary>
    State,
}
