using Estream.Queue;

namespace Estream.Simulation.Scenarios;

/// <summary>One appended message.</summary>
/// <param name="Position">The position of the message.</param>
/// <param name="Payload">The bytes, which no other message has.</param>
internal sealed record AppendedMessage(long Position, byte[] Payload);

/// <summary>The messages appended to a log, and the position up to which the log was reported durable.</summary>
internal sealed class DurableModel
{
    private readonly SortedDictionary<long, AppendedMessage> _messages = [];
    private readonly Dictionary<long, int> _batchOf = [];
    private IReadOnlyList<AppendedMessage> _tried = [];
    private int _made;
    private int _batches;

    public int Count => _messages.Count;

    public long LastPosition => _messages.Keys.Last();

    /// <summary>All messages in the order of the log, including those deleted by retention.</summary>
    public IEnumerable<AppendedMessage> Messages => _messages.Values;

    /// <summary>Messages before this position need not exist, because retention has deleted them. A power cut may restore them,
    /// whole.</summary>
    public long KeptFrom { get; set; }

    private IEnumerable<AppendedMessage> Kept => _messages.Values.SkipWhile(message => message.Position < KeptFrom);

    /// <summary>Everything before this position was reported durable.</summary>
    public long Durable { get; private set; }

    /// <summary>Returns a payload that no other message has. Its parts do not look like parts of other payloads.</summary>
    public byte[] Payload(int length)
    {
        byte[] payload = new byte[length];
        _made++;
        for (int i = 0; i < length; i++)
        {
            payload[i] = (byte)(i % 8 == 0 ? 16 + ((_made * 8) & 0x78) : i % 8 == 4 ? _made : i % 8 == 5 ? _made >> 8 : 0);
        }

        return payload;
    }

    /// <summary>Announces messages that are about to be appended together: until the outcome is known they may exist or not.</summary>
    public void Try(IReadOnlyList<AppendedMessage> messages) => _tried = messages;

    /// <summary>Records whether the announced messages were appended.</summary>
    public void Settle(bool isThere)
    {
        if (isThere)
        {
            _batches++;
            foreach (AppendedMessage message in _tried)
            {
                _messages.Add(message.Position, message);
                _batchOf[message.Position] = _batches;
            }
        }

        _tried = [];
    }

    /// <summary>Updates the model from the messages that a reader has read.</summary>
    public void Settle(IReadOnlyList<AppendedMessage> seen)
    {
        if (_tried.Count > 0)
        {
            Settle(seen.Any(message => message.Position == _tried[0].Position));
        }
    }

    public void Promise(long durable)
    {
        Check.That(durable >= Durable, $"the reported durable position fell from {Durable} to {durable}; it must never fall");
        Durable = durable;
    }

    /// <summary>Checks the messages that a reader has read from a log without losses.</summary>
    public void CheckAll(IReadOnlyList<AppendedMessage> seen)
    {
        Settle(seen);
        CheckAreAppended(seen);
        int kept = Kept.Count();
        Check.That(seen.Count == kept, $"the reader returned {seen.Count} messages; all {kept} from position {KeptFrom} on were expected");
    }

    /// <summary>Checks the messages that a reader has read after a power cut.</summary>
    /// <param name="seen">The messages in the order of the reader.</param>
    /// <param name="isPrefix">Whether no message in the middle may be missing.</param>
    /// <param name="isRecovered">Whether the log was recovered, so that these are all remaining messages. Before the recovery, a reader
    /// does not pass damage that only the recovery repairs.</param>
    public void CheckSurvivors(IReadOnlyList<AppendedMessage> seen, bool isPrefix, bool isRecovered)
    {
        if (isRecovered || (_tried.Count > 0 && seen.Any(message => message.Position == _tried[0].Position)))
        {
            Settle(seen);
        }

        CheckAreAppended(seen);
        HashSet<long> there = [.. seen.Select(message => message.Position)];
        foreach (AppendedMessage message in Kept.TakeWhile(message => message.Position < Durable))
        {
            Check.That(there.Contains(message.Position),
                $"the message at {message.Position} is missing after a power cut; all messages before {Durable} were reported durable");
        }

        Check.That(!isPrefix || Kept.Take(seen.Count).Select(message => message.Position)
            .SequenceEqual(seen.Select(message => message.Position)), "a message is missing after a power cut, but later ones exist");
        foreach (IGrouping<int, long> batch in _batchOf.Where(pair => pair.Key >= KeptFrom).GroupBy(pair => pair.Value, pair => pair.Key))
        {
            int count = batch.Count(there.Contains);
            Check.That(count == 0 || count == batch.Count(),
                $"{count} of the {batch.Count()} messages of the batch at {batch.Min()} exist after a power cut; all or none must exist");
        }
    }

    /// <summary>Removes the messages that a power cut has lost, and sets the durable position of the recovered log.</summary>
    public void GoOnFrom(IReadOnlyList<AppendedMessage> seen, long durable)
    {
        HashSet<long> there = [.. seen.Select(message => message.Position)];
        foreach (long gone in _messages.Keys.Where(position => position >= KeptFrom && !there.Contains(position)).ToList())
        {
            _messages.Remove(gone);
            _batchOf.Remove(gone);
        }

        Durable = durable;
    }

    public static List<AppendedMessage> ReadAll(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var messages = new List<AppendedMessage>();
        long sequence = -1;
        while (tailer.TryRead(out QueueMessage message))
        {
            Check.That(message.Sequence > sequence,
                $"message {message.Sequence} at {message.Position} follows message {sequence}; a larger number was expected");
            sequence = message.Sequence;
            messages.Add(new AppendedMessage(message.Position, message.Payload.ToArray()));
        }

        return messages;
    }

    private void CheckAreAppended(IReadOnlyList<AppendedMessage> seen)
    {
        foreach (AppendedMessage message in seen)
        {
            Check.That(_messages.TryGetValue(message.Position, out AppendedMessage? appended),
                $"the reader returned a message at {message.Position}, where none was appended");
            Check.That(appended.Payload.AsSpan().SequenceEqual(message.Payload),
                $"the message at {message.Position} does not have the bytes that were appended there");
        }
    }
}
