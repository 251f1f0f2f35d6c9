using Estream.Circuits.Operations;

namespace Estream.Circuits.Testing;

/// <summary>Reads golden vectors of operations (docs/guides/operations.md, "Golden vectors").</summary>
internal static class OperationVectors
{
    private const long LeastSegment = 64 << 10;
    private const long MostSegment = 16 << 20;
    private const int MostTimes = 100_000;
    private const long MostNanos = 1L << 60;
    private const long NanosPerTick = 100;

    public static OperationVector Read(VectorPart vector, Circuit circuit, CircuitOperation operation)
    {
        vector.AllowOnly("name", "before", "requests", "results", "after");
        string[] queues = [.. new[] { operation.Queue, operation.Feed }.OfType<string>()];
        string[] maps = [.. new[] { operation.Map }.OfType<string>()];
        VectorPart? after = vector.Optional("after");
        after?.AllowOnly("queues", "maps");
        string[] replica = operation.Replica is null ? [] : [operation.Replica];
        return new OperationVector(
            circuit, operation, vector.Required("name").Text(), ReadBefore(vector.Optional("before"), queues, maps),
            [.. vector.Required("requests").Items().Select(request => request.Encode(operation.Request))],
            [.. vector.Required("results").Items().Select(result => result.Encode(operation.Result))],
            ReadAll(after?.Optional("queues"), operation.Queue is null ? queues : [.. queues, .. replica], ReadMessages),
            ReadAll(after?.Optional("maps"), operation.Map is null ? [] : [.. maps, .. replica], ReadEntries));
    }

    private static OperationState ReadBefore(VectorPart? before, string[] queues, string[] maps)
    {
        before?.AllowOnly("queues", "maps", "passed");
        return new OperationState(
            ReadAll(before?.Optional("queues"), queues, ReadQueue), ReadAll(before?.Optional("maps"), maps, ReadMap),
            before?.Optional("passed")?.Number(0, MostNanos) ?? 0);
    }

    private static Dictionary<string, T> ReadAll<T>(VectorPart? resources, string[] known, Func<VectorPart, T> read)
    {
        Dictionary<string, T> all = new(StringComparer.Ordinal);
        foreach ((string name, VectorPart place) in resources?.Members() ?? [])
        {
            all.Add(name,
                known.Contains(name)
                    ? read(place)
                    : throw place.Mistake(
                        $"the operation has no queue or map of this name; it has {string.Join(", ", known.DefaultIfEmpty("none"))}"));
        }

        return all;
    }

    private static TrialQueue ReadQueue(VectorPart queue)
    {
        queue.AllowOnly("segment_bytes", "messages");
        long segment = queue.Optional("segment_bytes")?.Number(LeastSegment, MostSegment) ?? LeastSegment;
        return new TrialQueue(long.IsPow2(segment) ? segment : throw queue.Mistake("'segment_bytes' must be a power of two"),
            queue.Optional("messages") is VectorPart messages ? ReadMessages(messages) : []);
    }

    private static IReadOnlyList<TrialMessages> ReadMessages(VectorPart messages) => [.. messages.Items().Select(ReadMessage)];

    private static TrialMessages ReadMessage(VectorPart message)
    {
        message.AllowOnly("payload", "times");
        return new TrialMessages(message.Required("payload").Bytes(), (int)(message.Optional("times")?.Number(1, MostTimes) ?? 1));
    }

    private static TrialMap ReadMap(VectorPart map)
    {
        map.AllowOnly("versions", "entries");
        return new TrialMap(map.Optional("versions")?.Flag() ?? true,
            map.Optional("entries") is VectorPart entries ? ReadEntries(entries) : []);
    }

    private static IReadOnlyList<TrialEntry> ReadEntries(VectorPart entries) => [.. entries.Items().Select(ReadEntry)];

    private static TrialEntry ReadEntry(VectorPart entry)
    {
        entry.AllowOnly("key", "value", "time_to_live");
        long? time = entry.Optional("time_to_live")?.Number(NanosPerTick, MostNanos);
        return new TrialEntry(entry.Required("key").Bytes(), entry.Required("value").Bytes(),
            time is long nanos ? TimeSpan.FromTicks(nanos / NanosPerTick) : null);
    }
}
