namespace Estream.Simulation.Scenarios;

/// <summary>The messages of a source, the output that its consumers have made of them, and the next message of each consumer.</summary>
internal sealed class ConsumeModel
{
    private const int ShortestMessage = 8;
    private const int ResultTail = 8;

    public DurableModel Source { get; } = new();

    public DurableModel Output { get; } = new();

    /// <summary>Returns a message for the source.</summary>
    public byte[] Message(int length) => Source.Payload(Math.Max(length, ShortestMessage));

    /// <summary>Returns the output of a consumer for a message: a unique payload that ends with the number of the source message and the
    /// number of the consumer.</summary>
    public byte[] Result(AppendedMessage message, int consumer, int length)
    {
        byte[] payload = Output.Payload(Math.Max(length, ShortestMessage + ResultTail));
        Span<byte> tail = payload.AsSpan(payload.Length - ResultTail);
        BitConverter.TryWriteBytes(tail, IdOf(message));
        BitConverter.TryWriteBytes(tail[sizeof(int)..], consumer);
        return payload;
    }

    /// <summary>Returns the number of a source message. Numbers rise, so no other message of the source has it, not even a message lost in
    /// a power cut.</summary>
    public static int IdOf(AppendedMessage message) => message.Payload[4] | (message.Payload[5] << 8);

    /// <summary>Checks where a consumer resumes: at the message <paramref name="next"/>, or at the end if it is null. Every message before
    /// that point has a result or was passed, and the next message has no result.</summary>
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
                    $"{party.Name} resumes after message {id} at {message.Position}, which has no result and was not passed");
            }
            else if (message.Position == next!.Position)
            {
                Check.That(message.Payload.AsSpan().SequenceEqual(next.Payload),
                    $"{party.Name} resumes at {message.Position} with other bytes than were appended there");
                Check.That(!results.Contains(id),
                    $"{party.Name} resumes at message {id} at {message.Position}, which already has a result; a later one was expected");
                Check.That(mayRepeatPassed || !party.Passed.Contains(id),
                    $"{party.Name} resumes at message {id} at {message.Position}, which it had passed; a later message was expected");
            }

            if (isReached)
            {
                party.Passed.Remove(id);
            }
        }

        Check.That(isReached || next is null, $"{party.Name} resumes at {next?.Position}, where no message was appended");
    }

    /// <summary>Checks that the output has each result of a consumer once, in the order of the source messages.</summary>
    public void CheckResults(int consumer)
    {
        int last = -1;
        foreach (int id in ResultsOf(consumer))
        {
            Check.That(id > last,
                $"the output of consumer {consumer} has the result of message {id} after that of {last}; a larger number was expected");
            last = id;
        }
    }

    private IEnumerable<int> ResultsOf(int consumer) =>
        from result in Output.Messages
        let tail = result.Payload.Length - ResultTail
        where BitConverter.ToInt32(result.Payload, tail + sizeof(int)) == consumer
        select BitConverter.ToInt32(result.Payload, tail);
}
