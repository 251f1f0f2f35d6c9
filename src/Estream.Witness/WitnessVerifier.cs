using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Checks a whole queue against its attestations, using only public keys: reads every message and verifies every
/// attestation.</summary>
public static class WitnessVerifier
{
    /// <summary>Reads both queues from the beginning. Repairs and writes nothing, so both may be open read-only.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">The witness queue with the attestations.</param>
    /// <param name="keys">The trusted public keys.</param>
    /// <exception cref="EstreamStorageException">A queue cannot be read.</exception>
    /// <remarks>
    /// Costs a few hundred nanoseconds per message, and a signature verification per attestation. Roots of a map's state are checked if all
    /// messages still exist. For this check all messages are read a second time, and the state takes as much memory as in a witness.
    /// </remarks>
    public static WitnessVerification Verify(EstreamQueue queue, EstreamQueue witness, params IReadOnlyList<IVerifier> keys) =>
        Run(queue, witness, kept: null, keys);

    /// <summary>Reads both queues from the beginning, and also checks that the history extends an attestation kept elsewhere: the messages
    /// that this attestation covers were neither replaced nor truncated. Repairs and writes nothing.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">The witness queue with the attestations.</param>
    /// <param name="kept">An attestation of the queue, from any source.</param>
    /// <param name="keys">The trusted public keys.</param>
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
            // A flipped bit can cause damaged frames, an unknown header format, or a key that does not decrypt. None of these is an error
            // of the caller.
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

/// <summary>The result of checking a queue against its attestations.</summary>
/// <param name="Attestations">The number of attestations, up to the first damage, that are intact, signed and consecutive.</param>
/// <param name="Unchecked">The number of intact attestations whose messages no longer exist; these are the first attestations. Deletion by
/// retention cannot be distinguished from any other removal.</param>
/// <param name="Messages">The number of messages that were read and match the attestations.</param>
/// <param name="Unproven">The number of messages that exist and should be attested, but cannot be proven because adjacent messages were
/// deleted by retention or removed: at most 255 if the attestations exist.</param>
/// <param name="Unattested">The number of messages after the last attestation.</param>
/// <param name="Last">The head of the last intact attestation; <see langword="null"/> if there is none.</param>
/// <param name="Damage">The first damage; <see langword="null"/> if there is none.</param>
public sealed record WitnessVerification(long Attestations, long Unchecked, long Messages, long Unproven, long Unattested, TreeHead? Last,
    WitnessMismatch? Damage)
{
    /// <summary>True if everything that was ever attested exists and is unchanged. False if nothing was attested.</summary>
    public bool IsWhole => IsWholeButGivenUp && Unchecked == 0 && Unproven == 0;

    /// <summary>True if there are attestations and nothing contradicts them, although messages may be missing or unproven. For a queue with
    /// retention this is the best possible result.</summary>
    public bool IsWholeButGivenUp => Damage is null && Attestations > 0;
}

/// <summary>A contradiction between a queue and its attestations.</summary>
/// <param name="Fault">The kind of contradiction.</param>
/// <param name="Reason">The place of the contradiction, and the data that contradict each other.</param>
public sealed record WitnessMismatch(WitnessFault Fault, string Reason);

/// <summary>The kind of contradiction between a log and its attestations.</summary>
public enum WitnessFault
{
    /// <summary>A message of the witness queue is not a valid entry, or does not follow the previous one.</summary>
    Entry,

    /// <summary>An attestation is of another log.</summary>
    Origin,

    /// <summary>An attestation is not signed with a trusted key.</summary>
    Signature,

    /// <summary>Attested messages are missing although retention has not deleted them.</summary>
    Missing,

    /// <summary>Messages differ from the attested messages: they were changed, removed, inserted, or reordered.</summary>
    Rewritten,

    /// <summary>The tree to attest does not extend the last attested one.</summary>
    Inconsistent,

    /// <summary>Data cannot be read: it is damaged, of an unknown format, or encrypted with a key that is not available.</summary>
    Unreadable,

    /// <summary>The state computed from the messages of a change feed is not the attested one, or no state is attested.</summary>
    State,
}
