using Estream.Circuits.Operations;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>A golden vector of an operation: what there is, requests, their results, and what is there then. Immutable.</summary>
internal sealed record OperationVector(
    Circuit Circuit, CircuitOperation Operation, string Name, OperationState Before, IReadOnlyList<byte[]> Requests, IReadOnlyList<byte[]> Results,
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
            Compare($"result {i + 1}", i < Results.Count && i < results.Count && results[i].SequenceEqual(Results[i]), expected, was, differences);
        }

        foreach ((string queue, IReadOnlyList<TrialMessages> messages) in QueuesAfter)
        {
            IReadOnlyList<TrialMessages> there = trial.MessagesIn(queue);
            bool isSame = there.Count == messages.Count && there.Zip(messages).All(pair => pair.First.Times == pair.Second.Times && pair.First.Payload.AsSpan().SequenceEqual(pair.Second.Payload));
            Compare($"queue '{queue}'", isSame, string.Join(", ", messages), string.Join(", ", there), differences);
        }

        foreach ((string map, IReadOnlyList<TrialEntry> entries) in MapsAfter)
        {
            IReadOnlyList<TrialEntry> there = trial.EntriesIn(map);
            bool isSame = there.Count == entries.Count && there.Zip(entries).All(pair => pair.First.Key.AsSpan().SequenceEqual(pair.Second.Key) && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value));
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
