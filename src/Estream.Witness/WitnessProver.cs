using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>Makes proofs of a queue's messages and attestations, and of the map whose change feed it is, for those who have neither queue: they verify them with the public key.</summary>
/// <remarks>
/// One thread at a time. Takes the attestations as they are when it is made: reads them all, and keeps 16 bytes of memory for each 64 messages they are of, and 32 for each attestation. Verifies
/// the signatures of those it uses, when it uses them. Writes nothing: both queues may be open read-only. A proof needs the messages around its message; where retention has given them up, none can be made.
/// </remarks>
public sealed class WitnessProver : IDisposable
{
    private readonly WitnessLog _log;
    private readonly LogNodes _nodes;
    private readonly StateNodes _states;

    /// <summary>Reads the attestations of a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="witness">Its attestations.</param>
    /// <param name="keys">The public keys that are trusted.</param>
    /// <exception cref="EstreamWitnessException">An attestation is damaged, or of another queue.</exception>
    /// <exception cref="EstreamStorageException">A queue cannot be read.</exception>
    public WitnessProver(EstreamQueue queue, EstreamQueue witness, params IReadOnlyList<IVerifier> keys)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(witness);
        ArgumentNullException.ThrowIfNull(keys);
        _log = new WitnessLog(queue, witness, keys);
        _nodes = new LogNodes(queue, witness, _log);
        _states = new StateNodes(queue, _log);
    }

    /// <summary>Attestations there are.</summary>
    public int Count => _nodes.Count;

    /// <summary>One of them, the oldest being 0. Read again, and its signature verified, each time.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    /// <exception cref="EstreamWitnessException">It is not signed with a key that is trusted.</exception>
    public Attestation this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _nodes[index];
        }
    }

    /// <summary>Proves that a message is among those attested, by the first attestation that it is in.</summary>
    /// <param name="sequence">The message's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message, or it is not attested yet.</exception>
    /// <exception cref="EstreamWitnessException">The queue is not what was attested of it, the attestation is not signed with a key that is trusted, or messages that are needed were given up.</exception>
    public MessageProof ProveMessage(long sequence)
    {
        int at = _nodes.IndexOf(sequence);
        if (sequence < 0 || at == Count)
        {
            throw new ArgumentOutOfRangeException(nameof(sequence), $"Message {sequence} is not attested: {Describe()}.");
        }

        Attestation attestation = this[at];
        long size = attestation.Head.TreeSize;
        for (long index = _nodes.GoTo(at, sequence); index < size && _nodes.TryRead(out QueueMessage message) && message.Sequence <= sequence; index++)
        {
            if (message.Sequence == sequence)
            {
                long time = message.Time;
                byte[] payload = message.Payload.ToArray();
                MessageProof proof = MessageProof.Create(attestation, index, sequence, time, payload, MerkleProver.ProveInclusion(_nodes, index, size));
                return proof.ProvesInclusion() ? proof : throw _log.NotAttested(sequence);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(sequence), $"The queue has no message {sequence}: its number was given up, or it is older than the first attested message.");
    }

    /// <summary>Proves that the later one of two attestations is of the same history as the earlier one.</summary>
    /// <param name="earlier">Which is the earlier one, the oldest being 0.</param>
    /// <param name="later">Which is the later one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attestation, or the earlier one is not the earlier one.</exception>
    /// <exception cref="EstreamWitnessException">The queue is not what was attested of it, an attestation is not signed with a key that is trusted, or messages that are needed were given up.</exception>
    public ConsistencyProof ProveConsistency(int earlier, int later)
    {
        Attestation first = this[earlier], second = this[later];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlier, later);
        byte[] path = MerkleProver.ProveConsistency(_nodes, first.Head.TreeSize, second.Head.TreeSize);
        return MerkleProof.VerifyConsistency(first.Head.TreeSize, second.Head.TreeSize, first.Root, second.Root, path)
            ? ConsistencyProof.Create(first, second, path)
            : throw _log.NotAttested(first.Head.Sequence);
    }

    /// <summary>Proves what a key of a map held, or that it was absent, by the last attestation of the map's change feed.</summary>
    /// <param name="key">The key's bytes, as they are in the feed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no attestation.</exception>
    /// <exception cref="EstreamWitnessException">As of <see cref="ProveState(ReadOnlySpan{byte}, int)"/>.</exception>
    /// <remarks>Costs what that one costs.</remarks>
    public StateProof ProveState(ReadOnlySpan<byte> key) => ProveState(key, Count - 1);

    /// <summary>Proves what a key of a map held, or that it was absent, after the messages of an attestation of the map's change feed.</summary>
    /// <param name="key">The key's bytes, as they are in the feed.</param>
    /// <param name="attestation">Which attestation, the oldest being 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attestation.</exception>
    /// <exception cref="EstreamWitnessException">
    /// It has no state (<see cref="WitnessFault.State"/>), the feed gives another one, it is not signed with a key that is trusted, or the first messages of the feed were given up.
    /// </exception>
    /// <remarks>
    /// The first proof reads the feed up to the attestation and keeps the state, which takes the memory that a witness of it takes; a later attestation reads on from there, and an earlier one begins again. Each proof reads the feed up to the
    /// attestation once more, for the value.
    /// </remarks>
    public StateProof ProveState(ReadOnlySpan<byte> key, int attestation) => _states.Prove(key, this[attestation]);

    /// <summary>Gives the queues back.</summary>
    public void Dispose()
    {
        _nodes.Dispose();
        _states.Dispose();
    }

    private string Describe() => Count == 0 ? "there is no attestation" : $"the last attestation counts up to {this[Count - 1].Head.Sequence}";
}
