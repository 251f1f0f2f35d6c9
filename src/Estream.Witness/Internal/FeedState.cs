using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>The state after the messages of one attestation after the other: reads the feed from the message at which the tree
/// begins.</summary>
/// <param name="log">Its attestations.</param>
/// <param name="queue">The feed. It is not read before it is wanted.</param>
internal sealed class FeedState(WitnessLog log, EstreamQueue queue) : IDisposable
{
    private QueueTailer? _messages;
    private long _sequence;

    /// <summary>The state as it is.</summary>
    public StateFold State { get; } = new();

    /// <summary>Reads up to the last message of an attestation.</summary>
    /// <param name="head">The attestation, of as many messages as were read or more.</param>
    /// <returns>Whether the first message is there. Where it is not, there is no state.</returns>
    /// <exception cref="EstreamWitnessException">The messages are fewer than were attested, or others.</exception>
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
