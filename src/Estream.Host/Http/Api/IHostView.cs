using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Circuits;

namespace Estream.Host.Http;

/// <summary>What the HTTP side may see of the running host: reading, and how closely streams are looked at. Thread-safe.</summary>
internal interface IHostView
{
    HealthReport Health { get; }

    /// <summary>The newest sample; at most one sampling interval old.</summary>
    Overview Overview { get; }

    /// <summary>Null when there is no such queue.</summary>
    IQueueView? Queue(string name);

    /// <summary>The newest administrative acts. Null where none are recorded.</summary>
    IQueueView? Audit { get; }

    /// <summary>What is attested of a queue. Null when it has no witness.</summary>
    IWitnessView? Witness(string queue);

    /// <summary>Null when there is no such map.</summary>
    IMapView? Map(string name);

    /// <summary>What lies at which address.</summary>
    LexDirectory Streams { get; }

    /// <summary>Null when no such circuit runs.</summary>
    RunningCircuit? Circuit(string name);

    /// <summary>The component that an adapter is. Null when there is no such adapter, or it is part of the host.</summary>
    ComponentDetail? Component(string adapter);
}

/// <summary>Reads messages of one queue. Thread-safe.</summary>
internal interface IQueueView
{
    /// <summary>Writes the last <paramref name="count"/> messages that are asked for, oldest first, as an array. Where not all are, only
    /// some thousands of the newest are looked at.</summary>
    void WriteLast(int count, MessagePatterns patterns, Utf8JsonWriter writer);
}

/// <summary>Proves what one queue holds. Thread-safe.</summary>
/// <remarks>
/// What there is none of is an <see cref="ArgumentOutOfRangeException"/>; a queue that is not what was attested, or of which something is
/// gone that a proof needs, an <see cref="Witness.EstreamWitnessException"/>.
/// </remarks>
internal interface IWitnessView
{
    /// <summary>The last attestations, oldest first.</summary>
    AttestationOverview[] Last(int count);

    /// <summary>One attestation, as it is stored.</summary>
    byte[] Attestation(long number);

    /// <summary>The file that proves two attestations to be of one history.</summary>
    byte[] ProveHistory(long earlier, long later);

    /// <summary>The file that proves a message. Null where the message may hold private values in clear.</summary>
    byte[]? ProveMessage(long sequence);

    /// <summary>A message's place among those attested, without the message.</summary>
    InclusionOverview ProveInclusion(long sequence);
}

/// <summary>Reads entries of one map. Thread-safe.</summary>
internal interface IMapView
{
    /// <summary>Writes <c>{"entries":[…],"total":n}</c>: up to <paramref name="limit"/> entries whose key starts with
    /// <paramref name="prefix"/>, as they were at most half a second ago.</summary>
    /// <remarks>Scans take turns; whoever waits for one holds no thread.</remarks>
    Task WriteEntriesAsync(ReadOnlyMemory<byte> prefix, int limit, Utf8JsonWriter writer, CancellationToken cancellation);

    /// <summary>Writes one entry; false, having written nothing, when there is none.</summary>
    bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer);
}

/// <summary>The answer of <c>/health</c>.</summary>
internal sealed record HealthReport(string Status, IReadOnlyList<AdapterHealth> Adapters)
{
    /// <summary>Why adapters are held up though queues could be written; left out while they are not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Storage { get; init; }

    /// <summary>What the host runs without because a file is damaged; left out if there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<QuarantinedPart>? Quarantined { get; init; }
}

/// <summary>A part that was not opened. <paramref name="Kind"/> is <c>queue</c>, <c>map</c>, <c>witness</c>, <c>pipeline</c>,
/// <c>circuit</c> or <c>adapter</c>; <paramref name="File"/> is the damaged file or its folder, empty if unknown.</summary>
internal sealed record QuarantinedPart(string Kind, string Name, string File, string Reason);

internal sealed record AdapterHealth(string Name, string Type, string State, string Detail);
