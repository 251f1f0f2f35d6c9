using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>
/// Logs a warning for orphaned tailers at the start. A queue retains everything that a named tailer has not read. The tailer of a map
/// outlives the configuration of the map, because the map may be configured again. If the map is never configured again, the queue grows
/// without limit.
/// </summary>
internal static partial class OrphanedReaders
{
    private static readonly string s_witness = new WitnessOptions().TailerName;

    public static void Warn(ILogger logger, HostConfiguration plan, IEnumerable<QueueRuntime> queues)
    {
        Dictionary<(string Queue, string Group), int> held = [];

        // Without a retention limit, everything is retained anyway.
        foreach (QueueRuntime queue in queues.Where(q => plan.Queues[q.Name] is { RetainedBytes: > 0 } or { RetainedAge.Ticks: > 0 }))
        {
            string[] wanted =
            [
                .. plan.Maps.Values.Where(map => map.Queue == queue.Name).Select(map => map.ReaderName),
                .. plan.Replicas.Values.Where(replica => replica.Map is { } map && plan.Maps.TryGetValue(map, out MapPlan? source)
                    && source.Queue == queue.Name).Select(replica => MapPlan.ReaderPrefix + replica.FoldName),
                .. plan.AllPipelines.SelectMany(pipeline => pipeline.ReadersIn(queue.Name)),
                .. plan.Witnesses.Values.Where(witness => witness.Queue == queue.Name).Select(witness => witness.Options.TailerName),
            ];
            QueueInfo info = queue.Queue.GetInfo();
            if (plan.Data.PartitionOf(queue.Name) is { } partition)
            {
                foreach (string reader in info.Retention.HeldBy.Where(
                    name => name.StartsWith(GroupMember.TailerPrefix, StringComparison.Ordinal)))
                {
                    (string, string) group = (partition.Queue, reader[GroupMember.TailerPrefix.Length..]);
                    held[group] = held.GetValueOrDefault(group) + 1;
                }
            }

            foreach (TailerInfo reader in info.Tailers)
            {
                if (wanted.Contains(reader.Name, StringComparer.Ordinal))
                {
                    continue;
                }

                if (reader.Name == s_witness)
                {
                    LogLeftWitness(logger, queue.Name, reader.Position, reader.Name, plan.Data.Reader(queue.Name, reader.Name));
                }
                else if (reader.Name.StartsWith(EsfLog.TailerPrefix, StringComparison.Ordinal))
                {
                    // The queue of a configured log has no limits, so this loop does not see its readers.
                    LogLeftLog(logger, queue.Name, reader.Position, reader.Name);
                }
                else if (reader.Name.StartsWith(DeclaredPipeline.ReaderPrefix, StringComparison.Ordinal))
                {
                    LogLeftPipeline(logger, queue.Name, reader.Position, reader.Name, plan.Data.Reader(queue.Name, reader.Name));
                }
                else if (reader.Name.StartsWith(MapPlan.ReaderPrefix, StringComparison.Ordinal))
                {
                    LogLeft(logger, queue.Name, reader.Position, reader.Name, reader.Name[MapPlan.ReaderPrefix.Length..],
                        plan.Data.Reader(queue.Name, reader.Name));
                }
            }
        }

        foreach (((string queue, string group), int partitions) in held)
        {
            LogLeftGroup(logger, group, partitions, queue);
        }
    }

    [LoggerMessage(EventId = 153, Level = LogLevel.Warning,
        Message = "Group {Group} has not read {Partitions} partitions of queue {Queue} up to their retention limits, so they retain more. "
            + "If no member will read them any more, remove the group with 'estream queue remove-group'.")]
    private static partial void LogLeftGroup(ILogger logger, string group, int partitions, string queue);

    [LoggerMessage(EventId = 52, Level = LogLevel.Warning,
        Message = "Queue {Queue} retains everything from position {Position} on, beyond its retention limits, for its reader {Reader}, but "
            + "no map {Map} is configured on this queue. If the map was removed permanently, stop the host and delete {File}.")]
    private static partial void LogLeft(ILogger logger, string queue, long position, string reader, string map, string file);

    [LoggerMessage(EventId = 54, Level = LogLevel.Warning,
        Message = "Queue {Queue} retains everything from position {Position} on, beyond its retention limits, for its reader {Reader}, but "
            + "this host does not witness the queue. If no other process does, stop the host and delete {File}; later messages are not "
            + "attested, and existing attestations stay valid.")]
    private static partial void LogLeftWitness(ILogger logger, string queue, long position, string reader, string file);

    [LoggerMessage(EventId = 159, Level = LogLevel.Warning,
        Message = "Queue {Queue} retains everything from position {Position} on, beyond its retention limits, for {Reader}, because it was "
            + "the log of a circuit. If its messages may be deleted, stop the host and run 'estream queue remove-tailer {Queue} "
            + "{Reader}'.")]
    private static partial void LogLeftLog(ILogger logger, string queue, long position, string reader);

    [LoggerMessage(EventId = 53, Level = LogLevel.Warning,
        Message = "Queue {Queue} retains everything from position {Position} on, beyond its retention limits, for its reader {Reader}, but "
            + "no such pipeline is configured on this queue. If the pipeline was removed permanently, stop the host and delete {File}.")]
    private static partial void LogLeftPipeline(ILogger logger, string queue, long position, string reader, string file);
}
