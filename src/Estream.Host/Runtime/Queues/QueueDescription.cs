using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Wire;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>Describes a queue: its readers and writers, what they hold, and why it is paused. Called inside the gate of the host.</summary>
internal sealed class QueueDescription(HostComponents parts, HostConfiguration plan)
{
    // A partitioned queue is described once for each of its partitions.
    private readonly (string Adapter, string? Queue, string? Schema)[] _mappings =
    [
        .. plan.Adapters.Values.SelectMany(adapter => adapter.Settings.Afresh().List("Mappings")
            .Select(mapping => (adapter.Name, mapping.Text("Queue"), mapping.Text("Schema")))),
    ];

    private static readonly string s_witness = new WitnessOptions().TailerName;

    private static readonly (string Prefix, string Kind)[] s_prefixes =
    [
        (MapPlan.ReaderPrefix + ReplicaPlan.ReaderPrefix, "replica"), (MapPlan.ReaderPrefix, "map"),
        (DeclaredPipeline.ReaderPrefix, "pipeline"), (GroupMember.TailerPrefix, "group"), (CursorOwners.Prefix, "tailer"),
        ("egress-", "adapter"), ("payments-", "adapter"), ("cluster-", "follower"), (ReplicaPlan.ReaderPrefix, "replica"),
    ];

    /// <param name="row">The row of the queue in the newest sample.</param>
    /// <returns>The description; null if the queue was removed meanwhile.</returns>
    public QueueDetail? Of(QueueOverview row)
    {
        if (row.Partitions is null)
        {
            return parts.Queues.TryGetValue(row.Name, out QueueRuntime? queue) ? Of(row, queue) : null;
        }

        QueueDetail[] partitions =
        [
            .. parts.Queues.Values.Where(queue => queue.PartitionOf == row.Name)
                .Select(queue => Of(new QueueOverview(queue.Name, 0, 0, 0, 0, row.Durability), queue)),
        ];
        return partitions.Length == 0 ? null : Sum(row, partitions);
    }

    private QueueDetail Of(QueueOverview row, QueueRuntime queue) => queue.Gate.Read(() =>
    {
        QueueInfo info = queue.Queue.GetInfo();
        QueueGlance glance = queue.View.Glance();
        Dictionary<string, long> held = HoldsOf(queue);
        (IngressControl? control, EstreamStorageException? failure) = PausesOf(row.Name);
        string[] reasons = [.. (control?.Reasons ?? []).Select(WordOf)];
        return new QueueDetail(row)
        {
            FirstSequence = info.FirstSequence,
            NextSequence = info.NextSequence,
            FirstTime = glance.FirstTime,
            LastTime = glance.LastTime,
            Schemas = [.. glance.Schemas.Union(DeclaredSchemas(row.Name)).Order(StringComparer.Ordinal)],
            Encrypted = info.Encryption is not null,
            IsPaused = failure is not null,
            PauseReasons = failure is not null && reasons.Length == 0 ? ["write-failed"] : reasons,
            PauseDetail = failure?.Message ?? "",
            Readers = [.. info.Tailers.Select(tailer => ReaderOf(tailer, held.GetValueOrDefault(tailer.Name)))],
            Groups = [.. info.Tailers.Where(IsGroup).Select(tailer => new QueueGroup(NameOf(tailer), Clients(tailer, [queue]),
                tailer.LagMessages))],
            Appenders = [.. info.Appenders.Select(one => new QueueAppenderOverview(one.Mode.ToString().ToLowerInvariant(), one.ProcessId))],
            Retention = new QueueRetention(info.Retention.RetainedBytes, info.Retention.RetainedAge.TotalSeconds, info.Retention.HeldBy,
                queue.Queue.EvictedSegments),
            Witness = parts.Witnesses.ContainsKey(row.Name),
            IsDeadLetters = row.Name == HostConfiguration.DeadLetters,
            Sources = [.. SourcesOf(row.Name).Order(StringComparer.Ordinal)],
        };
    });

    private static QueueDetail Sum(QueueOverview row, QueueDetail[] partitions) => new(row)
    {
        FirstTime = partitions.Min(part => part.FirstTime),
        LastTime = partitions.Max(part => part.LastTime),
        Schemas = [.. partitions.SelectMany(part => part.Schemas).Distinct().Order(StringComparer.Ordinal)],
        Encrypted = partitions.Any(part => part.Encrypted),
        IsPaused = partitions.Any(part => part.IsPaused),
        PauseReasons = [.. partitions.SelectMany(part => part.PauseReasons).Distinct()],
        PauseDetail = partitions.FirstOrDefault(part => part.IsPaused)?.PauseDetail ?? "",
        Readers =
        [
            .. partitions.SelectMany(part => part.Readers).GroupBy(reader => reader.Tailer, StringComparer.Ordinal)
                .Select(same => same.First() with
                {
                    Sequence = null,
                    LagMessages = same.All(reader => reader.LagMessages is null) ? null : same.Sum(reader => reader.LagMessages),
                    LagBytes = same.Sum(reader => reader.LagBytes),
                    HoldsRetention = same.Any(reader => reader.HoldsRetention),
                    HeldBytes = same.Sum(reader => reader.HeldBytes),
                }),
        ],
        Groups =
        [
            .. partitions.SelectMany(part => part.Groups).GroupBy(group => group.Name, StringComparer.Ordinal)
                .Select(same => new QueueGroup(same.Key, [.. same.SelectMany(group => group.Members).Distinct()],
                    same.Sum(group => group.LagMessages))),
        ],
        Appenders = [.. partitions.SelectMany(part => part.Appenders).Distinct()],
        Retention = partitions[0].Retention with
        {
            HeldBy = [.. partitions.SelectMany(part => part.Retention.HeldBy).Distinct()],
            EvictedSegments = partitions.Sum(part => part.Retention.EvictedSegments),
        },
        Witness = partitions.Any(part => part.Witness),
        Sources = [.. partitions.SelectMany(part => part.Sources).Distinct()],
    };

    private static Dictionary<string, long> HoldsOf(QueueRuntime queue)
    {
        try
        {
            return queue.Queue.GetTailerHolds().ToDictionary(hold => hold.Name, hold => hold.Bytes, StringComparer.Ordinal);
        }
        catch (EstreamException)
        {
            // A cursor or a segment is damaged. The process that reads it reports the damage.
            return [];
        }
    }

    private QueueReader ReaderOf(TailerInfo tailer, long heldBytes)
    {
        string name = NameOf(tailer);
        string kind = KindOf(tailer);
        return new QueueReader(kind == "pipeline" && IsOfCircuit(name) ? "circuit" : kind, name, tailer.Name, tailer.Sequence,
            tailer.LagMessages, tailer.LagBytes, heldBytes > 0, heldBytes);
    }

    private static string KindOf(TailerInfo tailer) => tailer.Name == s_witness ? "witness"
        : s_prefixes.FirstOrDefault(known => tailer.Name.StartsWith(known.Prefix, StringComparison.Ordinal)).Kind ?? "tailer";

    private static string NameOf(TailerInfo tailer) => tailer.Name[
        (s_prefixes.FirstOrDefault(known => tailer.Name.StartsWith(known.Prefix, StringComparison.Ordinal)).Prefix?.Length ?? 0)..];

    private static bool IsGroup(TailerInfo tailer) => tailer.Name.StartsWith(GroupMember.TailerPrefix, StringComparison.Ordinal);

    /// <summary>The clients of a group that read partitions of a queue, and the process of another member.</summary>
    private static QueueGroupMember[] Clients(TailerInfo group, QueueRuntime[] queues)
    {
        QueueGroupMember[] clients =
        [
            .. queues.SelectMany(queue => queue.Users).OfType<RemoteMembership>()
                .Where(member => member.Group.Group == NameOf(group)).Select(member => new QueueGroupMember(member.MemberName, null, null)),
        ];
        return clients.Length == 0 && group.ProcessId > 0
            ? [new QueueGroupMember($"process {group.ProcessId}", null, group.LagMessages)]
            : clients;
    }

    private (IngressControl? Control, EstreamStorageException? Failure) PausesOf(string queue) =>
        queue == HostConfiguration.DeadLetters ? (parts.Sinks.DeadLetters.Control, parts.Sinks.DeadLetters.Failure)
        : parts.Sinks.TryGet(queue, out IngressSink? sink) ? (sink.Control, sink.Failure)
        : default;

    /// <summary>The word of a reason in the API, such as <c>lease-lost</c>.</summary>
    public static string WordOf(PauseReason reason) =>
        reason == PauseReason.LeaseLost ? "lease-lost" : reason.ToString().ToLowerInvariant();

    private bool IsOfCircuit(string pipeline) =>
        plan.Circuits.Values.Any(circuit => circuit.Circuit.Pipelines.Any(one => one.Name == pipeline));

    private IEnumerable<string> SourcesOf(string queue)
    {
        IEnumerable<string> names = queue == HostConfiguration.DeadLetters
            ? plan.Adapters.Values.Select(adapter => adapter.Name)
            : _mappings.Where(mapping => mapping.Queue == queue).Select(mapping => mapping.Adapter).Distinct();
        IEnumerable<string> adapters = names.Select(name => $"adapter:{name}");
        return adapters.Concat(plan.AllPipelines.Where(pipeline => pipeline.QueuesWritten.Contains(queue, StringComparer.Ordinal))
            .Select(pipeline => $"{(IsOfCircuit(pipeline.Name) ? "circuit" : "pipeline")}:{pipeline.Name}"));
    }

    private IEnumerable<string> DeclaredSchemas(string queue) => _mappings.Where(mapping => mapping.Queue == queue)
        .Select(mapping => mapping.Schema).OfType<string>()
        .Concat(plan.Maps.Values.Where(map => map.Queue == queue).Select(map => map.Schema))
        .Select(name => plan.Schemas.TryGet(name, out Esf.EsfSchema? schema) ? schema.Name : name);
}
