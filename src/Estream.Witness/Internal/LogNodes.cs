using Estream.Queue;

namespace Estream.Witness.Internal;

/// <summary>
/// The nodes of a queue's tree: from a level on those that its attestations were stored with, below it computed from messages. None is trusted: what is proven with them is
/// verified against the signed root.
/// </summary>
/// <remarks>Of an entry only its place and its numbers stay in memory; whole it is read again when it is used, and its signature verified then.</remarks>
internal sealed class LogNodes : IMerkleNodes, IDisposable
{
    private readonly WitnessLog _log;
    private readonly QueueTailer _messages;
    private readonly QueueTailer _witness;
    private readonly List<Mark> _entries = [];
    private readonly MerkleNodes _blocks = new(MerkleBlocks.Level);
    private readonly long _firstSequence;
    private MerkleNodes _block = new();
    private long _blockNumber = -1;

    /// <summary>Reads all attestations.</summary>
    /// <exception cref="EstreamWitnessException">One is damaged, or the first ones are not there any more.</exception>
    public LogNodes(EstreamQueue queue, EstreamQueue witness, WitnessLog log)
    {
        _log = log;
        _messages = queue.CreateTailer();
        _witness = witness.CreateTailer();
        try
        {
            _firstSequence = ReadAll(witness.Directory);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Attestations there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Reads an entry again, and verifies its signature.</summary>
    /// <param name="at">Which, the oldest being 0.</param>
    /// <exception cref="EstreamWitnessException">It is not signed with a key that is trusted, or is another one than before.</exception>
    public Attestation this[int at]
    {
        get
        {
            _witness.SeekToSequence(_entries[at].Number);
            WitnessEntry? entry = _log.TryRead(_witness, before: null);
            return entry is not null && entry.Attestation.Head.TreeSize == _entries[at].TreeSize ? entry.Attestation : throw _log.Changed(_entries[at].Number);
        }
    }

    /// <summary>The first attestation that counts a message; how many there are where none does.</summary>
    public int IndexOf(long sequence) => IndexOf(entry => entry.Sequence >= sequence);

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

    /// <summary>Goes to a message, or before it.</summary>
    /// <param name="at">The attestation that counts it first.</param>
    /// <param name="sequence">The message's number.</param>
    /// <returns>Which leaf the next message is.</returns>
    /// <exception cref="EstreamWitnessException">It is not there.</exception>
    public long GoTo(int at, long sequence)
    {
        if (!HasAllNumbers(at))
        {
            return GoToFirst(at);
        }

        // A number that the entry before counts already is none of this one's; where there is none before it is none at all.
        long leaf = Math.Max(SizeBefore(at), SizeBefore(at) + sequence - SequenceBefore(at) - 1);
        GoToLeaf(at, leaf);
        return leaf;
    }

    /// <summary>Reads the next message.</summary>
    public bool TryRead(out QueueMessage message) => _messages.TryRead(out message);

    /// <inheritdoc/>
    public void Dispose()
    {
        _messages.Dispose();
        _witness.Dispose();
    }

    private long ReadAll(string directory)
    {
        WitnessEntry? before = null;
        while (_log.TryReadUnsigned(_witness, before, out long number) is { } entry)
        {
            if (before is null && entry.PreviousSize != 0)
            {
                throw new EstreamWitnessException(
                    $"Witness queue '{directory}' begins with message {entry.PreviousSize} of its log: the attestations before were given up, and nothing can be proven without them.", directory, WitnessFault.Missing);
            }

            _entries.Add(new Mark(number, entry.Attestation.Head.Sequence, entry.Attestation.Head.TreeSize, entry.FirstPosition));
            _blocks.Append(entry.Blocks);
            before = entry;
        }

        return before?.Attestation.Head.FirstSequence ?? 0;
    }

    private long SizeBefore(int at) => at == 0 ? 0 : _entries[at - 1].TreeSize;

    private long SequenceBefore(int at) => at == 0 ? _firstSequence - 1 : _entries[at - 1].Sequence;

    // Then the number says which leaf a message is.
    private bool HasAllNumbers(int at) => _entries[at].Sequence - SequenceBefore(at) == _entries[at].TreeSize - SizeBefore(at);

    private int IndexOf(Func<Mark, bool> isBehind)
    {
        int low = 0, high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = isBehind(_entries[middle]) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void GoToLeaf(int at, long leaf)
    {
        if (HasAllNumbers(at))
        {
            long sequence = SequenceBefore(at) + 1 + leaf - SizeBefore(at);
            if (!_log.TryGoToNumber(_messages, sequence, _entries[at].Sequence))
            {
                throw _log.GivenUp(leaf);
            }

            return;
        }

        long first = GoToFirst(at);
        if (first > leaf)
        {
            throw _log.GivenUp(leaf);
        }

        for (; first < leaf; first++)
        {
            if (!_messages.TryRead(out _))
            {
                throw _log.Short(first, _entries[at].TreeSize, _entries[at].Sequence);
            }
        }
    }

    // The first message of an entry that is there. Where retention has taken some, the others are its last leaves.
    private long GoToFirst(int at)
    {
        Mark entry = _entries[at];
        if (_log.TryGoTo(_messages, entry.FirstPosition, entry.Sequence))
        {
            return SizeBefore(at);
        }

        _messages.SeekToStart();
        long count = 0;
        while (_messages.TryRead(out QueueMessage message) && message.Sequence <= entry.Sequence)
        {
            count++;
        }

        _messages.SeekToStart();
        return entry.TreeSize - count;
    }

    private void LoadBlock(long number)
    {
        if (number == _blockNumber)
        {
            return;
        }

        var block = new MerkleNodes();
        long first = number << MerkleBlocks.Level, end = Math.Min(first + MerkleBlocks.Leaves, _entries[^1].TreeSize);
        byte[] hash = new byte[MerkleTree.HashBytes];
        GoToLeaf(IndexOf(entry => entry.TreeSize > first), first);
        for (long leaf = first; leaf < end; leaf++)
        {
            if (!_messages.TryRead(out QueueMessage message))
            {
                throw _log.Short(leaf, _entries[^1].TreeSize, _entries[^1].Sequence);
            }

            MessageLeaf.Hash(message.Sequence, message.Time, message.Payload, hash);
            block.Append(hash);
        }

        (_block, _blockNumber) = (block, number);
    }

    /// <summary>What stays of an entry: its number in the witness queue, up to which message it counts, how many there are, and where its first one is.</summary>
    private readonly record struct Mark(long Number, long Sequence, long TreeSize, long FirstPosition);
}
