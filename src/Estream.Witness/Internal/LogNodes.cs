using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>
/// The nodes of a queue's tree: from a level on those that its attestations were stored with, below it computed from messages. None is trusted: what is proven with them is
/// verified against the signed root.
/// </summary>
internal sealed class LogNodes : IMerkleNodes
{
    private readonly WitnessLog _log;
    private readonly QueueTailer _messages;
    private readonly List<WitnessEntry> _entries = [];
    private readonly MerkleNodes _blocks = new(MerkleBlocks.Level);
    private MerkleNodes _block = new();
    private long _blockNumber = -1;

    /// <summary>Reads all attestations.</summary>
    /// <exception cref="EstreamWitnessException">One is damaged, or the first ones are not there any more.</exception>
    public LogNodes(EstreamQueue witness, WitnessLog log, QueueTailer messages)
    {
        _log = log;
        _messages = messages;
        using QueueTailer tailer = witness.CreateTailer();
        while (log.TryRead(tailer, _entries.Count == 0 ? null : _entries[^1]) is { } entry)
        {
            if (_entries.Count == 0 && entry.PreviousSize != 0)
            {
                throw new EstreamWitnessException(
                    $"Witness queue '{witness.Directory}' begins with message {entry.PreviousSize} of its log: the attestations before were given up, and nothing can be proven without them.", witness.Directory, WitnessFault.Missing);
            }

            _entries.Add(entry);
            _blocks.Append(entry.Blocks);
        }
    }

    /// <summary>The attestations, oldest first.</summary>
    public IReadOnlyList<WitnessEntry> Entries => _entries;

    /// <inheritdoc/>
    public void GetNode(int level, long index, Span<byte> hash)
    {
        if (level >= MerkleBlocks.Level)
        {
            _blocks.GetNode(level, index, hash);
            return;
        }

        int shift = MerkleBlocks.Level - level;
        LoadBlock(index >> shift);
        _block.GetNode(level, index - (index >> shift << shift), hash);
    }

    /// <summary>Goes to the message of a leaf.</summary>
    /// <exception cref="EstreamWitnessException">It is not there, or not attested.</exception>
    public void GoTo(long leaf)
    {
        int at = IndexOf(entry => entry.Attestation.Head.TreeSize > leaf);
        if (!_log.TryGoTo(_messages, _entries[at].FirstPosition, _entries[at]))
        {
            throw _log.GivenUp(leaf);
        }

        for (long passed = _entries[at].PreviousSize; passed < leaf; passed++)
        {
            if (!_messages.TryRead(out _))
            {
                throw _log.Short(passed, _entries[at]);
            }
        }
    }

    /// <summary>The first attestation for which something holds, which has to hold for all later ones; how many there are where it holds for none.</summary>
    public int IndexOf(Func<WitnessEntry, bool> isBehind)
    {
        int low = 0, high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = isBehind(_entries[middle]) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void LoadBlock(long number)
    {
        if (number == _blockNumber)
        {
            return;
        }

        var block = new MerkleNodes();
        long first = number << MerkleBlocks.Level, end = Math.Min(first + MerkleBlocks.Leaves, _entries[^1].Attestation.Head.TreeSize);
        byte[] hash = new byte[MerkleTree.HashBytes];
        GoTo(first);
        for (long leaf = first; leaf < end; leaf++)
        {
            if (!_messages.TryRead(out QueueMessage message))
            {
                throw _log.Short(leaf, _entries[^1]);
            }

            MessageLeaf.Hash(message.Sequence, message.Time, message.Payload, hash);
            block.Append(hash);
        }

        (_block, _blockNumber) = (block, number);
    }
}
