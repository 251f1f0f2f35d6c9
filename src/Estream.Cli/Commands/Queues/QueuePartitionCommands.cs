using System.CommandLine;
using Estream.Cli.Commands.Remote;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream queue create` and `remove-group`, and what `estream queue info` shows of a partitioned queue.</summary>
internal static class QueuePartitionCommands
{
    private const int DefaultSegmentMiB = 64;

    public static Command CreateCreate(CliContext context)
    {
        Argument<string> queue = new("QUEUE")
        {
            Description = "The name of the new queue, or its directory if the argument contains a '/'.",
        };
        Option<int?> partitions = new("--partitions")
        {
            Description = $"The number of partitions, 1 to {PartitionedQueue.MaxPartitions}. It can never be changed. Without this option "
                + "the queue has no partitions.",
            HelpName = "N",
        };
        Option<int> segment = new("--segment-mib")
        {
            Description =
                "The size of a segment in MiB, a power of two from 1 to 1024. Each partition that is written to has at least two.",
            DefaultValueFactory = _ => DefaultSegmentMiB,
            HelpName = "MIB",
        };
        partitions.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > PartitionedQueue.MaxPartitions)
            {
                result.AddError($"--partitions must be 1 to {PartitionedQueue.MaxPartitions}.");
            }
        });
        segment.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var size && (size is < 1 or > 1024 || !int.IsPow2(size)))
            {
                result.AddError("--segment-mib must be a power of two from 1 to 1024.");
            }
        });
        Command command = new("create", "Creates a queue. Exit code 2 if the queue exists with another number of partitions. Example: "
            + "estream queue create orders --partitions 16") { queue, partitions, segment };
        command.SetAction(parsed =>
        {
            string directory = new DataFolder(context.DataFolder).PathOf(DataFolder.Queues, parsed.GetRequiredValue(queue));
            QueueOptions options = new() { SegmentBytes = (long)parsed.GetValue(segment) << 20 };
            using LineWriter lines = new(context.Output);
            string line = Create(directory, parsed.GetValue(partitions), options);
            CliAudit.Record(context, "queue create", parsed.GetRequiredValue(queue), line);
            lines.WriteLine(line);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateRemoveGroup(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Argument<string> name = new("GROUP") { Description = "The name of a consumer group without members." };
        Command command = new(
            "remove-group",
            "Removes a consumer group and its positions, so that retention no longer waits for the group. A new group of this name "
            + "starts at the oldest messages, unless its output has results of the removed group. Exit code 1 if the group does not "
            + "exist, 2 if it has members. Example: estream queue remove-group orders billing")
        {
            queue, name,
        };
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction(async (parsed, cancellation) =>
        {
            (string from, string group) = (parsed.GetRequiredValue(queue), parsed.GetRequiredValue(name));
            bool removed = remote.IsGiven(parsed)
                ? await RemoteQueueCommands.RemoveGroupAsync(remote, parsed, from, group, cancellation).ConfigureAwait(false)
                : RemoveGroup(new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, from), group);
            if (removed && !remote.IsGiven(parsed))
            {
                CliAudit.Record(context, "queue remove-group", from, $"group {group}");   // a host records what it does itself
            }

            using LineWriter lines = new(context.Output);
            lines.WriteLine(removed ? $"removed group {group}" : $"there is no group '{group}'");
            return removed ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    /// <summary>Writes the partitions of a queue, their newest messages, and the consumer groups.</summary>
    public static void WriteInfo(LineWriter lines, string directory, bool isJson)
    {
        using PartitionedQueue queue = PartitionedQueue.OpenReadOnly(directory);
        List<(int Number, QueueInfo Info)> partitions = [];
        for (int number = 0; number < queue.PartitionCount; number++)
        {
            // A partition exists from its first use on.
            if (Directory.Exists(queue.DirectoryOf(number)))
            {
                partitions.Add((number, queue.Partition(number).GetInfo()));
            }
        }

        IReadOnlyList<GroupInfo> groups = queue.GetGroups();
        if (isJson)
        {
            WriteJson(lines, queue, partitions, groups);
        }
        else
        {
            WriteText(lines, queue, partitions, groups);
        }
    }

    private static bool RemoveGroup(string directory, string group)
    {
        using PartitionedQueue queue = PartitionedQueue.Open(directory);
        try
        {
            return queue.RemoveGroup(group);
        }
        catch (ArgumentException invalid)
        {
            throw new CliException(invalid.Message);
        }
    }

    private static string Create(string directory, int? partitions, QueueOptions options)
    {
        if (partitions is { } count)
        {
            try
            {
                using PartitionedQueue queue = PartitionedQueue.Open(directory, count, options);
                return $"{queue.Directory} has {count} partitions";
            }
            catch (ArgumentException other)
            {
                throw new CliException(other.Message);
            }
        }

        using EstreamQueue plain = EstreamQueue.Open(directory, options);
        return $"{plain.Directory} has segments of {plain.SegmentBytes} bytes";
    }

    private static void WriteText(
        LineWriter lines, PartitionedQueue queue, List<(int Number, QueueInfo Info)> partitions, IReadOnlyList<GroupInfo> groups)
    {
        lines.WriteLine($"directory  {queue.Directory}");
        lines.WriteLine($"partitions {queue.PartitionCount}, {partitions.Count} of them in use");
        lines.WriteLine($"messages   {partitions.Sum(partition => partition.Info.MessageCount)}");
        foreach ((int number, QueueInfo info) in partitions)
        {
            string tailers = string.Concat(info.Tailers.Select(tailer => $"; {tailer.Name} is {tailer.LagMessages} behind"));
            lines.WriteLine($"  {number:D4}     {info.MessageCount} messages in {info.SegmentCount} segments{tailers}");
        }

        foreach (GroupInfo group in groups)
        {
            IEnumerable<IGrouping<int, GroupPartitionInfo>> readers =
                group.Partitions.Where(partition => partition.ProcessId != 0).GroupBy(partition => partition.ProcessId);
            string members = string.Join(", ", readers.Select(
                reader => $"process {reader.Key} reads {string.Join(' ', reader.Select(partition => partition.Number))}"));
            lines.WriteLine($"group      {group.Name}: {(members.Length == 0 ? "no readers" : members)}");
        }
    }

    private static void WriteJson(
        LineWriter lines, PartitionedQueue queue, List<(int Number, QueueInfo Info)> partitions, IReadOnlyList<GroupInfo> groups)
    {
        lines.WriteObject(json =>
        {
            json.WriteString("directory", queue.Directory);
            json.WriteNumber("partitionCount", queue.PartitionCount);
            json.WriteStartArray("partitions");
            foreach ((int number, QueueInfo info) in partitions)
            {
                json.WriteStartObject();
                json.WriteNumber("partition", number);
                json.WriteNumber("messages", info.MessageCount);
                json.WriteNumber("endPosition", info.EndPosition);
                json.WriteNumber("segments", info.SegmentCount);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("groups");
            foreach (GroupInfo group in groups)
            {
                json.WriteStartObject();
                json.WriteString("name", group.Name);
                json.WriteStartArray("partitions");
                foreach (GroupPartitionInfo partition in group.Partitions)
                {
                    json.WriteStartObject();
                    json.WriteNumber("partition", partition.Number);
                    json.WriteNumber("epoch", partition.Epoch);
                    json.WriteNumber("processId", partition.ProcessId);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }
}
