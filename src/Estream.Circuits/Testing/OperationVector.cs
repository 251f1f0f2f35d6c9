using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>A golden vector of an operation: what there is, requests, their results, and what is there then. Immutable.</summary>
internal sealed record OperationVector(
    Circuit Circuit, CircuitOperation Operation, string Name, OperationState Before, IReadOnlyList<byte[]> Requests,
    IReadOnlyList<byte[]> Results,
    IReadOnlyDictionary<string, IReadOnlyList<TrialMessages>> QueuesAfter, IReadOnlyDictionary<string, IReadOnlyList<TrialEntry>> MapsAfter)
{
    /// <summary>Runs it, with all requests as one batch.</summary>
    /// <param name="target">What runs the operation.</param>
    /// <returns>How what came differs from what has to come; empty when it does not.</returns>
    public IReadOnlyList<string> Run(IExecutionTarget target)
    {
        MessageBatch requests = new();
        MessageBatch results = new();
        foreach (byte[] request in Requests)
        {
            requests.Append(request);
        }

        using OperationTrial trial = new(Circuit, target, Before);
        trial.Run(requests, results);
        trial.End();
        List<string> differences = [];
        for (int i = 0; i < Math.Max(Results.Count, results.Count); i++)
        {
            string expected = i < Results.Count ? EsfJson.ToText(Operation.Result, Results[i]) : "nothing";
            string was = i < results.Count ? EsfJson.ToText(Operation.Result, results[i]) : "nothing";
            Compare($"result {i + 1}", i < Results.Count && i < results.Count && results[i].SequenceEqual(Results[i]), expected, was,
                differences);
        }

        foreach ((string queue, IReadOnlyList<TrialMessages> messages) in QueuesAfter)
        {
            IReadOnlyList<TrialMessages> there = trial.MessagesIn(queue);
            bool isSame = there.Count == messages.Count && there.Zip(messages)
                .All(pair => pair.First.Times == pair.Second.Times && pair.First.Payload.AsSpan().SequenceEqual(pair.Second.Payload));
            Compare($"queue '{queue}'", isSame, string.Join(", ", messages), string.Join(", ", there), differences);
        }

        foreach ((string map, IReadOnlyList<TrialEntry> entries) in MapsAfter)
        {
            IReadOnlyList<TrialEntry> there = trial.EntriesIn(map);
            bool isSame = there.Count == entries.Count && there.Zip(entries)
                .All(pair => pair.First.Key.AsSpan().SequenceEqual(pair.Second.Key) && pair.First.Value.AsSpan()
                    .SequenceEqual(pair.Second.Value));
            Compare($"map '{map}'", isSame, string.Join(", ", entries), string.Join(", ", there), differences);
        }

        return differences;
    }

    private static void Compare(string what, bool isSame, string expected, string was, List<string> differences)
    {
        if (!isSame)
        {
            differences.Add($"{what}: expected {expected}, and it was {was}");
        }
    }
}

/// <summary>What there is before an operation is tried.</summary>
/// <param name="Queues">Queues by their names; one that is not here is empty.</param>
/// <param name="Maps">Maps by their names; one that is not here is empty, and has versions.</param>
/// <param name="PassedNanos">How much time passes before the requests come.</param>
internal sealed record OperationState(IReadOnlyDictionary<string, TrialQueue> Queues, IReadOnlyDictionary<string, TrialMap> Maps,
    long PassedNanos)
{
    /// <summary>Nothing.</summary>
    public static OperationState Empty { get; } = new(new Dictionary<string, TrialQueue>(), new Dictionary<string, TrialMap>(), 0);
}

/// <summary>What a queue has.</summary>
internal sealed record TrialQueue(long SegmentBytes, IReadOnlyList<TrialMessages> Messages);

/// <summary>One message, several times in a row.</summary>
internal sealed record TrialMessages(byte[] Payload, int Times)
{
    public override string ToString() =>
        $"{Times} x "
        + (Payload.Length <= 32
            ? Convert.ToHexStringLower(Payload)
            : $"{Convert.ToHexStringLower(Payload.AsSpan(0, 32))}… ({Payload.Length} bytes)");
}

/// <summary>What a map has.</summary>
internal sealed record TrialMap(bool HasVersions, IReadOnlyList<TrialEntry> Entries);

/// <summary>An entry of a map.</summary>
internal sealed record TrialEntry(byte[] Key, byte[] Value, TimeSpan? TimeToLive)
{
    public override string ToString() => $"{Convert.ToHexStringLower(Key)}: {Convert.ToHexStringLower(Value)}";
}
