namespace Estream.Simulation.Scenarios;

/// <summary>What is in a source, what its consumers have made of it in their output, and what each of them has to read next.</summary>
internal sealed class ConsumeModel
{
    private const int ShortestMessage = 8;
    private const int ResultTail = 8;

    public DurableModel Source { get; } = new();

    public DurableModel Output { get; } = new();

    /// <summary>A message for the source.</summary>
    public byte[] Message(int length) => Source.Payload(Math.Max(length, ShortestMessage));

    /// <summary>What a consumer makes of a message: a payload no other has, which ends with what it was made of and by whom.</summary>
    public byte[] Result(AppendedMessage message, int consumer, int length)
    {
        byte[] payload = Output.Payload(Math.Max(length, ShortestMessage + ResultTail));
        Span<byte> tail = payload.AsSpan(payload.Length - ResultTail);
        BitConverter.TryWriteBytes(tail, IdOf(message));
        BitConverter.TryWriteBytes(tail[sizeof(int)..], consumer);
        return payload;
    }

    /// <summary>What no other message of the source has, also none that a power cut has taken away: they rise.</summary>
    public static int IdOf(AppendedMessage message) => message.Payload[4] | (message.Payload[5] << 8);

    /// <summary>A consumer goes on with this message, or waits for one: all before it has its result, and it has none.</summary>
    public void CheckResumes(ConsumeParty party, AppendedMessage? next, bool mayRepeatPassed)
    {
        HashSet<int> results = [.. ResultsOf(party.Consumer)];
        bool isReached = false;
        foreach (AppendedMessage message in Source.Messages)
        {
            int id = IdOf(message);
            isReached |= message.Position == next?.Position;
            if (!isReached)
            {
                Check.That(results.Contains(id) || party.Passed.Contains(id),
                    $"{party.Name} goes on behind message {id} at {message.Position}, which has no result");
            }
            else if (message.Position == next!.Position)
            {
                Check.That(message.Payload.AsSpan().SequenceEqual(next.Payload),
                    $"the message at {message.Position} is another one than was appended");
                Check.That(!results.Contains(id),
                    $"{party.Name} goes on with message {id} at {message.Position}, which has its result already");
                Check.That(mayRepeatPassed || !party.Passed.Contains(id),
                    $"{party.Name} goes on with message {id} at {message.Position}, which it had passed");
            }

            if (isReached)
            {
                party.Passed.Remove(id);
            }
        }

        Check.That(isReached || next is null, $"{party.Name} goes on with a message at {next?.Position} that was never appended");
    }

    /// <summary>Each consumer's results are there once, and in the order of what they were made of.</summary>
    public void CheckResults(int consumer)
    {
        int last = -1;
        foreach (int id in ResultsOf(consumer))
        {
            Check.That(id > last, $"the output has the result of message {id} behind that of {last}");
            last = id;
        }
    }

    private IEnumerable<int> ResultsOf(int consumer) =>
        from result in Output.Messages
        let tail = result.Payload.Length - ResultTail
        where BitConverter.ToInt32(result.Payload, tail + sizeof(int)) == consumer
        select BitConverter.ToInt32(result.Payload, tail);
}
