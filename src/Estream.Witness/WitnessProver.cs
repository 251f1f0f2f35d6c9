using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Creates proofs about an attested queue: that a message was attested, that one attestation extends another, and, if the queue is
/// the change feed of a map, which value a key had. Recipients verify a proof with the public key and need neither queue.</summary>
/// <remarks>
/// Not thread-safe; each additional prover costs two tailers. Reads the data of a proof on demand: a logarithmic number of attestations,
/// and the messages around the proven message. Sees new messages and attestations. Verifies the signatures of the attestations in a proof.
/// Writes nothing, so both queues may be open read-only. The proof of a message needs the messages around it, the attestation that covers
/// it, and the previous attestation. If retention has deleted any of these, the proof cannot be made.
/// </remarks>
public sealed class WitnessProver : IDisposable
{
    private readonly WitnessLog _log;
    private readonly EntrySearch _entries;
    private readonly QueueTailer _messages;
    private readonly StateNodes _states;

    /// <summary>Creates a prover. Reads nothing yet.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">The witness queue with the attestations.</param>
    /// <param name="keys">The trusted public keys.</param>
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

    /// <summary>The number of the first attestation that still exists; -1 if there is none.</summary>
    public long FirstNumber => _entries.FirstNumber;

    /// <summary>The number of the last attestation; -1 if there is none. An attestation's number is the sequence number of its message in
    /// the witness queue, starting at 0.</summary>
    public long LastNumber => _entries.LastNumber;

    /// <summary>Returns an attestation.</summary>
    /// <param name="number">The number of the attestation.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no attestation with this number, or it was deleted.</exception>
    /// <exception cref="EstreamWitnessException">The attestation is damaged, of another queue, or not signed with a trusted
    /// key.</exception>
    public Attestation this[long number] => Get(number, nameof(number)).Entry.Attestation;

    /// <summary>Proves that a message is attested, by the first attestation that covers it.</summary>
    /// <param name="sequence">The sequence number of the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message, or it is not attested yet.</exception>
    /// <exception cref="EstreamWitnessException">
    /// The queue contradicts its attestations, an attestation is damaged, of another queue or not signed with a trusted key, or needed
    /// messages or attestations were deleted.
    /// </exception>
    public MessageProof ProveMessage(long sequence) => ProveMessage(sequence, out _);

    /// <summary>Proves that a message is attested, by the first attestation that covers it, and returns the number of that
    /// attestation.</summary>
    /// <param name="sequence">The sequence number of the message.</param>
    /// <param name="attestationNumber">Receives the number of the attestation.</param>
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
            $"The queue has no message {sequence}: its number was skipped, or it is older than the first attested message.");
    }

    /// <summary>Proves that the later of two attestations extends the history of the earlier one.</summary>
    /// <param name="earlier">The number of the earlier attestation.</param>
    /// <param name="later">The number of the later attestation.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attestation, or <paramref name="earlier"/> is greater than
    /// <paramref name="later"/>.</exception>
    /// <exception cref="EstreamWitnessException">See <see cref="ProveMessage(long)"/>.</exception>
    /// <remarks>Reads the attestations between the two, and keeps 32 bytes for every 256 messages that they cover.</remarks>
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

    /// <summary>Proves the value of a key of a map, or that the key was absent, by the last attestation of the map's change feed.</summary>
    /// <param name="key">The key's bytes, as they are in the feed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no attestation.</exception>
    /// <exception cref="EstreamWitnessException">See <see cref="ProveState(ReadOnlySpan{byte}, long)"/>.</exception>
    /// <remarks>Costs as much as <see cref="ProveState(ReadOnlySpan{byte}, long)"/>.</remarks>
    public StateProof ProveState(ReadOnlySpan<byte> key) => ProveState(key, LastNumber);

    /// <summary>Proves the value of a key of a map, or that the key was absent, after the messages of an attestation of the map's change
    /// feed.</summary>
    /// <param name="key">The key's bytes, as they are in the feed.</param>
    /// <param name="attestation">The number of the attestation.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attestation.</exception>
    /// <exception cref="EstreamWitnessException">
    /// The attestation includes no state, or includes a state that does not follow from the feed (<see cref="WitnessFault.State"/>); the
    /// attestation is not signed with a trusted key; or the first messages of the feed were deleted.
    /// </exception>
    /// <remarks>
    /// The first proof reads the feed up to the attestation and keeps the state, which takes as much memory as in a witness. For a later
    /// attestation, the prover continues from this state; for an earlier attestation, it reads the feed again from the start. Each proof
    /// reads the feed up to the attestation once more, for the value.
    /// </remarks>
    public StateProof ProveState(ReadOnlySpan<byte> key, long attestation) =>
        _states.Prove(key, Get(attestation, nameof(attestation)).Entry.Attestation);

    /// <summary>Releases the queues.</summary>
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
        ? $"the last attestation is number {last.Number} and covers messages up to {last.Entry.Attestation.Head.Sequence}"
        : "there is no attestation";
}
