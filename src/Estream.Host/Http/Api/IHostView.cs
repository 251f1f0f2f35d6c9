using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Circuits;
using Estream.Esf;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>The view of the running host for HTTP endpoints: read access, and the observation level of streams. Thread-safe.</summary>
internal interface IHostView
{
    HealthReport Health { get; }

    /// <summary>The newest sample; at most one sampling interval old.</summary>
    Overview Overview { get; }

    /// <summary>Which queues callers reach.</summary>
    QueueAccess Access { get; }

    /// <summary>Returns a queue; null if it does not exist.</summary>
    IQueueView? Queue(string name);

    /// <summary>Describes a queue or a partitioned queue; null if it does not exist.</summary>
    QueueDetail? Describe(string queue);

    /// <summary>The recorded values of the parts; null if the host keeps no history, or has not opened its parts.</summary>
    HistoryRecorder? History { get; }

    /// <summary>The alerts; null if the host keeps no history, or has not opened its parts.</summary>
    AlertRuntime? Alerts { get; }

    /// <summary>The newest administrative actions; null if they are not recorded.</summary>
    IQueueView? Audit { get; }

    /// <summary>Returns the attestations of a queue; null if it has no witness.</summary>
    IWitnessView? Witness(string queue);

    /// <summary>The names of all maps.</summary>
    IReadOnlyCollection<string> MapNames { get; }

    /// <summary>Returns a map; null if it does not exist.</summary>
    IMapView? Map(string name);

    /// <summary>Makes a change while no part closes.</summary>
    /// <exception cref="ObjectDisposedException">The host is stopping.</exception>
    /// <exception cref="RemoteRefusalException">Another host has taken over.</exception>
    T Change<T>(Func<T> change);

    /// <summary>The addresses of queues, circuits and their streams.</summary>
    LexDirectory Streams { get; }

    /// <summary>Returns a running circuit; null if there is none of this name.</summary>
    RunningCircuit? Circuit(string name);

    /// <summary>Returns an adapter; null if it does not exist.</summary>
    IAdapterView? Adapter(string name);

    /// <summary>Returns the devices of an adapter; null if the adapter does not exist or has no devices.</summary>
    IReadOnlyList<DeviceStatus>? Devices(string adapter);

    /// <summary>Returns the oldest payments of an adapter that wait for their answer; null if the adapter does not exist or sends no
    /// payments.</summary>
    IReadOnlyList<WaitingPayment>? WaitingPayments(string adapter, int max);

    /// <summary>Returns the component of an adapter; null if the adapter does not exist or is part of the host.</summary>
    ComponentDetail? Component(string adapter);
}

/// <summary>Reads messages of one queue. Thread-safe.</summary>
internal interface IQueueView
{
    /// <summary>Writes the last <paramref name="count"/> matching messages as an array, oldest first. With patterns, only a few thousand of
    /// the newest messages are searched.</summary>
    void WriteLast(int count, MessagePatterns patterns, Utf8JsonWriter writer);

    /// <summary>Begins a search for messages.</summary>
    /// <exception cref="ArgumentException">The start of the search does not exist.</exception>
    /// <exception cref="Core.EstreamException">The queue is damaged.</exception>
    MessageSearch Search(SearchTerms terms);

    /// <summary>Creates the filter of patterns; null if they select all messages.</summary>
    EsfMessageFilter? FilterOf(MessagePatterns patterns);

    /// <summary>Writes the members of one message with its bytes and its neighbors. Writes nothing and returns false if the
    /// queue does not have the message.</summary>
    bool TryWriteOne(long sequence, Utf8JsonWriter writer);
}

/// <summary>Proves the content of one queue. Thread-safe.</summary>
/// <remarks>
/// Methods throw <see cref="ArgumentOutOfRangeException"/> if the attestation or message does not exist, and
/// <see cref="Witness.EstreamWitnessException"/> if the queue does not match its attestations or lacks messages that a proof needs.
/// </remarks>
internal interface IWitnessView
{
    /// <summary>Returns the last attestations, oldest first.</summary>
    AttestationOverview[] Last(int count);

    /// <summary>Returns one attestation as stored.</summary>
    byte[] Attestation(long number);

    /// <summary>Returns the proof file that a later attestation extends an earlier one.</summary>
    byte[] ProveHistory(long earlier, long later);

    /// <summary>Returns the proof file of a message; null if the message may contain private values in plaintext.</summary>
    byte[]? ProveMessage(long sequence);

    /// <summary>Returns the inclusion proof of a message, without the message.</summary>
    InclusionOverview ProveInclusion(long sequence);
}

/// <summary>Reads entries of one map. Thread-safe.</summary>
internal interface IMapView
{
    /// <summary>The owner, source, schema and key of the map.</summary>
    MapTraits Traits { get; }

    /// <summary>The number of entries.</summary>
    long Count { get; }

    /// <summary>The map with its write operations; null if clients may only read the map.</summary>
    KeyValueMap? Writable { get; }

    /// <summary>Why <see cref="History"/> returns null.</summary>
    string WhyNoHistory { get; }

    /// <summary>Writes <c>{"entries":[…],"total":n,"next":…}</c> and the traits of the map. The entries are the first after a key whose
    /// keys start with a prefix, as they were at most half a second ago.</summary>
    /// <remarks>Scans run one at a time; waiting blocks no thread.</remarks>
    Task WriteEntriesAsync(MapPageRequest request, Utf8JsonWriter writer, CancellationToken cancellation);

    /// <summary>Searches the messages of a key, the newest first; null if the map has no history.</summary>
    /// <exception cref="Core.EstreamException">The queue is damaged.</exception>
    MessageSearch? History(byte[] key, int limit);

    /// <summary>Writes one entry; writes nothing and returns false if there is none.</summary>
    bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer);
}

/// <summary>The response of <c>/health</c>.</summary>
internal sealed record HealthReport(string Status, IReadOnlyList<AdapterHealth> Adapters)
{
    /// <summary>Why adapters are blocked although queues are writable; omitted if they are not blocked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Storage { get; init; }

    /// <summary>Why administrative acts cannot be recorded; omitted if they are recorded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audit { get; init; }

    /// <summary>The parts that the host runs without because a file is damaged; omitted if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<QuarantinedPart>? Quarantined { get; init; }

    /// <summary>The queues whose messages are not deleted by age, because the clock of the machine has jumped ahead; omitted if there are
    /// none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RetentionHealth>? Retention { get; init; }

    /// <summary>The firing and pending alerts; omitted if there are none. They do not change the status.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AlertHealth>? Alerts { get; init; }

    /// <summary>Why the webhook gets no changes of alerts; omitted if the webhook gets them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AlertWebhook { get; init; }

    /// <summary>The maps of clients that may have lost changes in a power cut; omitted if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MapHealth>? Maps { get; init; }

    /// <summary>The publishers and subscribers of queues; omitted if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MulticastHealth>? Multicast { get; init; }

    /// <summary>The replicas; omitted if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReplicaHealth>? Replicas { get; init; }

    /// <summary>The replicated queues and maps; omitted if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReplicationHealth>? Replication { get; init; }

    /// <summary>The queues whose logs a host with the role auto has put aside; omitted if no log was put aside.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DivergedHealth>? Diverged { get; init; }
}

/// <summary>A queue whose messages are not deleted by age, with the reason and the remedy.</summary>
internal sealed record RetentionHealth(string Queue, string Reason);

/// <summary>A map of clients that may have lost changes, and what to do.</summary>
internal sealed record MapHealth(string Name, string Detail);

/// <summary>A publisher or subscriber of a queue; see <see cref="MulticastOverview"/>. <paramref name="Fallback"/> is the reason why UDP is
/// used although AF_XDP was allowed.</summary>
internal sealed record MulticastHealth(string Name, string State, string Detail, string Transport, string Fallback)
{
    public static MulticastHealth Of(MulticastOverview one) => new(one.Name, one.State, one.Detail, one.Transport, one.Fallback);
}

/// <summary>A replicated queue or map; see <see cref="ReplicationOverview"/>.</summary>
internal sealed record ReplicationHealth(
    string Queue, string Role, string State, string Detail, string Kind, long LagMessages, double LagSeconds)
{
    public static ReplicationHealth Of(ReplicationOverview one) =>
        new(one.Queue, one.Role, one.State, one.Detail, one.Kind, one.LagMessages, one.LagSeconds);
}

/// <summary>The logs of a queue that were put aside because they differ from its stream. <paramref name="Kept"/> of them may hold
/// acknowledged messages, and <paramref name="Detail"/> says what to do with them.</summary>
internal sealed record DivergedHealth(string Queue, int Logs, int Kept, string Detail);

/// <summary>A part that was not opened. <paramref name="Kind"/> is <c>queue</c>, <c>map</c>, <c>witness</c>, <c>pipeline</c>,
/// <c>multicast</c>, <c>replica</c>, <c>circuit</c> or <c>adapter</c>; <paramref name="File"/> is the damaged file or its folder, empty if
/// unknown.</summary>
internal sealed record QuarantinedPart(string Kind, string Name, string File, string Reason);

internal sealed record AdapterHealth(string Name, string Type, string State, string Detail);
