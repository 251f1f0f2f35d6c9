using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>A golden vector of an operation: initial content, requests, expected results, and expected content afterwards.
/// Immutable.</summary>
internal sealed record OperationVector(
    Circuit Circuit, CircuitOperation Operation, string Name, OperationState Before, IReadOnlyList<byte[]> Requests,
    IReadOnlyList<byte[]> Results,
    IReadOnlyDictionary<string, IReadOnlyList<TrialMessages>> QueuesAfter, IReadOnlyDictionary<string, IReadOnlyList<TrialEntry>> MapsAfter)
{
    /// <summary>Runs all requests as one batch.</summary>
    /// <param name="target">The target that runs the operation.</param>
    /// <returns>The differences between actual and expected results and content; empty if there are none.</returns>
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
            differences.Add($"{what}: expected {expected}, but was {was}");
        }
    }
}

/// <summary>The content before an operation.</summary>
/// <param name="Queues">Queues by name; a queue that is not listed is empty.</param>
/// <param name="Maps">Maps by name; a map that is not listed is empty and has versions.</param>
/// <param name="PassedNanos">The time that passes before the requests are executed.</param>
internal sealed record OperationState(IReadOnlyDictionary<string, TrialQueue> Queues, IReadOnlyDictionary<string, TrialMap> Maps,
    long PassedNanos)
{
    /// <summary>No content.</summary>
    public static OperationState Empty { get; } = new(new Dictionary<string, TrialQueue>(), new Dictionary<string, TrialMap>(), 0);
}

/// <summary>The content of a queue.</summary>
internal sealed record TrialQueue(long SegmentBytes, IReadOnlyList<TrialMessages> Messages);

/// <summary>A message, repeated several times.</summary>
internal sealed record TrialMessages(byte[] Payload, int Times)
{
    public override string ToString() =>
        $"{Times} x "
        + (Payload.Length <= 32
            ? Convert.ToHexStringLower(Payload)
            : $"{Convert.ToHexStringLower(Payload.AsSpan(0, 32))}… ({Payload.Length} bytes)");
}

/// <summary>The content of a map.</summary>
internal sealed record TrialMap(bool HasVersions, IReadOnlyList<TrialEntry> Entries);

/// <summary>An entry of a map.</summary>
internal sealed record TrialEntry(byte[] Key, byte[] Value, TimeSpan? TimeToLive)
{
    public override string ToString() => $"{Convert.ToHexStringLower(Key)}: {Convert.ToHexStringLower(Value)}";
}
