using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>Computes the state of a map after the messages of consecutive attestations: reads the feed from the first leaf of the
/// tree.</summary>
/// <param name="log">The attestations of the feed.</param>
/// <param name="queue">The feed. Not read before the first call.</param>
internal sealed class FeedState(WitnessLog log, EstreamQueue queue) : IDisposable
{
    private QueueTailer? _messages;
    private long _sequence;

    /// <summary>The current state.</summary>
    public StateFold State { get; } = new();

    /// <summary>Reads up to the last message of an attestation.</summary>
    /// <param name="head">The head of the attestation. It covers at least the messages read so far.</param>
    /// <returns>False if the first message does not exist, so that there is no state.</returns>
    /// <exception cref="EstreamWitnessException">The feed has fewer messages than attested, or different messages.</exception>
    public bool TryReadTo(in TreeHead head)
    {
        _messages ??= queue.CreateTailer();
        if (State.Messages == 0)
        {
            _messages.SeekToStart();
            if (!_messages.TryPeek(out QueueMessage first))
            {
                return false;
            }

            if (first.Sequence != head.FirstSequence)
            {
                return first.Sequence > head.FirstSequence ? false : throw log.NotAttested(first.Sequence);
            }
        }

        while (State.Messages < head.TreeSize)
        {
            if (!_messages.TryRead(out QueueMessage message))
            {
                throw log.Short(State.Messages, head.TreeSize, head.Sequence);
            }

            State.Apply(message.Payload);
            _sequence = message.Sequence;
        }

        return _sequence == head.Sequence ? true : throw log.NotAttested(head.Sequence);
    }

    /// <exception cref="EstreamWitnessException">The state is not the attested one.</exception>
    public void Require(Attestation attestation)
    {
        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        State.GetRoot(root);
        if (!root.SequenceEqual(attestation.StateRoot))
        {
            throw log.OtherState(attestation.Head);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _messages?.Dispose();
}
