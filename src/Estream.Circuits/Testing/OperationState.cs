namespace Estream.Circuits.Testing;

/// <summary>What there is before an operation is tried.</summary>
/// <param name="Queues">Queues by their names; one that is not here is empty.</param>
/// <param name="Maps">Maps by their names; one that is not here is empty, and has versions.</param>
/// <param name="PassedNanos">How much time passes before the requests come.</param>
internal sealed record OperationState(IReadOnlyDictionary<string, TrialQueue> Queues, IReadOnlyDictionary<string, TrialMap> Maps, long PassedNanos)
{
    /// <summary>Nothing.</summary>
    public static OperationState Empty { get; } = new(new Dictionary<string, TrialQueue>(), new Dictionary<string, TrialMap>(), 0);
}

/// <summary>What a queue has.</summary>
internal sealed record TrialQueue(long SegmentBytes, IReadOnlyList<TrialMessages> Messages);

/// <summary>One message, several times in a row.</summary>
internal sealed record TrialMessages(byte[] Payload, int Times)
{
    public override string ToString() => $"{Times} x {(Payload.Length <= 32 ? Convert.ToHexStringLower(Payload) : $"{Convert.ToHexStringLower(Payload.AsSpan(0, 32))}… ({Payload.Length} bytes)")}";
}

/// <summary>What a map has.</summary>
internal sealed record TrialMap(bool HasVersions, IReadOnlyList<TrialEntry> Entries);

/// <summary>An entry of a map.</summary>
internal sealed record TrialEntry(byte[] Key, byte[] Value, TimeSpan? TimeToLive)
{
    public override string ToString() => $"{Convert.ToHexStringLower(Key)}: {Convert.ToHexStringLower(Value)}";
}
