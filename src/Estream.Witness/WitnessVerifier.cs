using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Checks a whole queue against its attestations with public keys alone: every message is read, and every attestation verified.</summary>
public static class WitnessVerifier
{
    /// <summary>Reads both queues from their beginnings. Repairs nothing, and writes nothing: both may be open read-only.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">Its attestations.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    /// <exception cref="EstreamStorageException">A queue cannot be read.</exception>
    /// <remarks>Costs some hundred nanoseconds for a message, and a verification of a signature for an attestation.</remarks>
    public static WitnessVerification Verify(EstreamQueue queue, EstreamQueue witness, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(witness);
        ArgumentNullException.ThrowIfNull(keys);
        var run = new Run(new WitnessLog(queue, witness, keys));
        using QueueTailer messages = queue.CreateTailer(), entries = witness.CreateTailer();
        try
        {
            run.ReadAll(messages, entries);
            return run.Result(null);
        }
        catch (EstreamWitnessException error)
        {
            return run.Result(new WitnessDamage(error.Fault, error.Message));
        }
        catch (EstreamCorruptionException error)
        {
            return run.Result(new WitnessDamage(WitnessFault.Rewritten, error.Message));
        }
    }

    /// <summary>One check, and how far it has come.</summary>
    private sealed class Run(WitnessLog log)
    {
        private long _attestations;
        private long _unchecked;
        private long _messages;
        private long _unattested;
        private TreeHead? _last;

        public void ReadAll(QueueTailer messages, QueueTailer entries)
        {
            WitnessEntry? before = null;
            bool isChecking = false;
            while (log.TryRead(entries, before) is { } entry)
            {
                // Where retention was, the first messages that are still there belong to some later attestation. From there on no place is skipped.
                isChecking = isChecking || ((before is not null || entry.PreviousSize == 0) && log.TryGoTo(messages, entry.FirstPosition, entry));
                if (isChecking)
                {
                    log.Check(messages, before, entry);
                    _messages += entry.Attestation.Head.TreeSize - entry.PreviousSize;
                }
                else
                {
                    _unchecked++;
                }

                _attestations++;
                _last = entry.Attestation.Head;
                before = entry;
            }

            CountUnattested(messages, before);
        }

        public WitnessVerification Result(WitnessDamage? damage) => new(_attestations, _unchecked, _messages, _unattested, _last, damage);

        private void CountUnattested(QueueTailer messages, WitnessEntry? last)
        {
            if (last is null)
            {
                messages.SeekToStart();
            }
            else if (_messages == 0)
            {
                log.GoBehind(messages, last);
            }

            while (messages.TryRead(out _))
            {
                _unattested++;
            }
        }
    }
}
