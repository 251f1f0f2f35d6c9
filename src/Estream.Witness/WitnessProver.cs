using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Makes proofs of a queue's messages and attestations, and of the map whose change feed it is, for those who have neither queue:
/// they verify them with the public key.</summary>
/// <remarks>
/// One thread at a time; making another one costs two tailers. Reads what a proof needs when it is asked for: a logarithm of the
/// attestations, and the messages around the one that is proven. Sees what comes in meanwhile. Verifies the signatures of the attestations
/// that a proof holds. Writes nothing: both queues may be open read-only. A proof needs the messages around its message, and the
/// attestation before the one that counts it; where retention has given them up, none can be made.
/// </remarks>
public sealed class WitnessProver : IDisposable
{
    private readonly WitnessLog _log;
    private readonly EntrySearch _entries;
    private readonly QueueTailer _messages;
    private readonly StateNodes _states;

    /// <summary>Makes a prover. Reads nothing yet.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">Its attestations.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    public WitnessProver(EstreamQueue queue, EstreamQueue witness, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(witness);
        ArgumentNullException.ThrowIfNull(keys);
        _log = new WitnessLog(queue, witness, keys);
        _entries = new EntrySearch(witness, _log);
        _messages = queue.CreateTailer();
        _states = new StateNodes(queue, _log);
    }

    /// <summary>The number of the first attestation that is still there; -1 where there is none.</summary>
    public long FirstNumber => _entries.FirstNumber;

    /// <summary>The number of the last attestation there is, which is that of its message in the witness queue; -1 where there is none. The
    /// first one ever has number 0.</summary>
    public long LastNumber => _entries.LastNumber;

    /// <summary>An attestation.</summary>
    /// <param name="number">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that number, or it was given up.</exception>
    /// <exception cref="EstreamWitnessException">It is damaged, of another queue, or not signed with a key that is trusted.</exception>
    public Attestation this[long number] => Get(number, nameof(number)).Entry.Attestation;

    /// <summary>Proves that a message is among those attested, by the first attestation that it is in.</summary>
    /// <param name="sequence">The message's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message, or it is not attested yet.</exception>
    /// <exception cref="EstreamWitnessException">
    /// The queue is not what was attested of it, an attestation is damaged, of another queue or not signed with a key that is trusted, or
    /// messages or an attestation that are needed were given up.
    /// </exception>
    public MessageProof ProveMessage(long sequence) => ProveMessage(sequence, out _);

    /// <summary>As the other one, and says which attestation that is.</summary>
    /// <param name="sequence">The message's number.</param>
    /// <param name="attestationNumber">Becomes the number of the attestation.</param>
    /// <inheritdoc cref="ProveMessage(long)" path="/exception"/>
    public MessageProof ProveMessage(long sequence, out long attestationNumber)
    {
        if (sequence < 0 || _entries.Find(sequence) is not { } found)
        {
            throw new ArgumentOutOfRangeException(nameof(sequence), $"Message {sequence} is not attested: {Describe()}.");
        }

        attestationNumber = found.Number;
        Attestation attestation = found.Entry.Attestation;
        _log.RequireSigned(found.Number, attestation);
        if (found.Before is null && found.Entry.PreviousSize != 0)
        {
            throw _log.NoEntriesBefore(found.Number, found.Entry);
        }

        var messages = new EntryMessages(_log, _messages, found.Before, found.Entry);
        long size = attestation.Head.TreeSize;
        for (long index = messages.GoTo(sequence);
            index < size && messages.TryRead(out QueueMessage message) && message.Sequence <= sequence; index++)
        {
            if (message.Sequence == sequence)
            {
                long time = message.Time;
                byte[] payload = message.Payload.ToArray();
                var nodes = new RangeNodes(found.Before, messages);
                nodes.Add(found.Entry);
                MessageProof proof =
                    MessageProof.Create(attestation, index, sequence, time, payload, MerkleProver.ProveInclusion(nodes, index, size));
                return proof.ProvesInclusion() ? proof : throw _log.NotAttested(sequence);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(sequence),
            $"The queue has no message {sequence}: its number was given up, or it is older than the first attested message.");
    }

    /// <summary>Proves that the later one of two attestations is of the same history as the earlier one.</summary>
    /// <param name="earlier">The number of the earlier one.</param>
    /// <param name="later">The number of the later one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attestation, or the earlier one is not the earlier one.</exception>
    /// <exception cref="EstreamWitnessException">As of <see cref="ProveMessage(long)"/>.</exception>
    /// <remarks>Reads the attestations between the two, and keeps 32 bytes for each 256 messages that they are of.</remarks>
    public ConsistencyProof ProveConsistency(long earlier, long later)
    {
        FoundEntry first = Get(earlier, nameof(earlier)), second = Get(later, nameof(later));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlier, later);
        long oldSize = first.Entry.Attestation.Head.TreeSize, newSize = second.Entry.Attestation.Head.TreeSize;
        byte[] path = earlier == later ? [] : MerkleProver.ProveConsistency(Between(first, second), oldSize, newSize);
        return MerkleProof.VerifyConsistency(oldSize, newSize, first.Entry.Attestation.Root, second.Entry.Attestation.Root, path)
            ? ConsistencyProof.Create(first.Entry.Attestation, second.Entry.Attestation, path)
            : throw _log.NotAttested(first.Entry.Attestation.Head.Sequence);
    }

    /// <summary>Proves what a key of a map held, or that it was absent, by the last attestation of the map's change feed.</summary>
    /// <param name="key">The key's bytes, as they are in the feed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no attestation.</exception>
    /// <exception cref="EstreamWitnessException">As of <see cref="ProveState(ReadOnlySpan{byte}, long)"/>.</exception>
    /// <remarks>Costs what that one costs.</remarks>
    public StateProof ProveState(ReadOnlySpan<byte> key) => ProveState(key, LastNumber);

    /// <summary>Proves what a key of a map held, or that it was absent, after the messages of an attestation of the map's change
    /// feed.</summary>
    /// <param name="key">The key's bytes, as they are in the feed.</param>
    /// <param name="attestation">The attestation's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attestation.</exception>
    /// <exception cref="EstreamWitnessException">
    /// It has no state (<see cref="WitnessFault.State"/>), the feed gives another one, it is not signed with a key that is trusted, or the
    /// first messages of the feed were given up.
    /// </exception>
    /// <remarks>
    /// The first proof reads the feed up to the attestation and keeps the state, which takes the memory that a witness of it takes; a later
    /// attestation reads on from there, and an earlier one begins again. Each proof reads the feed up to the attestation once more, for the
    /// value.
    /// </remarks>
    public StateProof ProveState(ReadOnlySpan<byte> key, long attestation) =>
        _states.Prove(key, Get(attestation, nameof(attestation)).Entry.Attestation);

    /// <summary>Gives the queues back.</summary>
    public void Dispose()
    {
        _entries.Dispose();
        _messages.Dispose();
        _states.Dispose();
    }

    private FoundEntry Get(long number, string parameter)
    {
        FoundEntry found = _entries.Get(number)
            ?? throw new ArgumentOutOfRangeException(parameter, $"There is no attestation {number}: {Describe()}.");
        _log.RequireSigned(number, found.Entry.Attestation);
        return found;
    }

    private RangeNodes Between(FoundEntry first, FoundEntry last)
    {
        RangeNodes? nodes = null;
        foreach (WitnessEntry entry in _entries.Between(first, last))
        {
            nodes ??= new RangeNodes(first.Entry, new EntryMessages(_log, _messages, first.Entry, entry));
            nodes.Add(entry);
        }

        return nodes ?? throw _log.NoEntriesBefore(last.Number, last.Entry);
    }

    private string Describe() => _entries.Get(LastNumber) is { } last
        ? $"the last attestation is number {last.Number}, and counts up to message {last.Entry.Attestation.Head.Sequence}"
        : "there is no attestation";
}
