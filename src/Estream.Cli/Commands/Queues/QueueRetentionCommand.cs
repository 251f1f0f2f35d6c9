using System.CommandLine;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream queue retain`: whether the clock lets retention delete messages by age, and the confirmation that it is
/// right.</summary>
internal static class QueueRetentionCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> queues = new("QUEUE")
        {
            Description = "The names of queues, or their directories.", Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> confirm = new("--confirm") { Description = "Confirm that the clock of this machine is right now." };
        Command command = new(
            "retain",
            "Shows whether retention by age is paused because the clock of the machine has jumped ahead, and ends the pause with "
            + "--confirm, also while the host runs. Exit code 1 if it is paused. Example: estream queue retain orders --confirm")
        {
            queues, confirm,
        };
        command.SetAction(parsed =>
        {
            using LineWriter lines = new(context.Output);
            bool isPaused = false;
            foreach (string name in parsed.GetRequiredValue(queues))
            {
                string directory = new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, name);
                foreach ((string shown, EstreamQueue queue) in Open(name, directory, context.Clock))
                {
                    using (queue)
                    {
                        isPaused |= Show(context, lines, shown, queue, parsed.GetValue(confirm));
                    }
                }
            }

            return isPaused ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static bool Show(CliContext context, LineWriter lines, string name, EstreamQueue queue, bool isConfirmed)
    {
        if (isConfirmed)
        {
            RetentionPause? before = queue.CheckRetentionClock();
            queue.ConfirmRetentionClock();
            string detail = before is null ? "confirmed the clock" : $"confirmed the clock. {before.Reason}";
            CliAudit.Record(context, "queue retain", name, detail);
        }

        RetentionPause? pause = queue.CheckRetentionClock();
        lines.WriteLine(pause is null ? $"{name}: retention by age is active" : $"{name}: retention by age is paused. {pause.Reason}");
        return pause is not null;
    }

    private static IEnumerable<(string Name, EstreamQueue Queue)> Open(string name, string directory, IClock clock)
    {
        if (!PartitionedQueue.IsPartitioned(directory))
        {
            // Open read-only first, so a mistyped path does not create a queue.
            EstreamQueue.OpenReadOnly(directory).Dispose();
            yield return (name, EstreamQueue.Open(directory, new QueueOptions { Clock = clock }));
            yield break;
        }

        using PartitionedQueue partitioned = PartitionedQueue.OpenReadOnly(directory);
        for (int number = 0; number < partitioned.PartitionCount; number++)
        {
            // A partition exists from its first use on.
            if (Directory.Exists(partitioned.DirectoryOf(number)))
            {
                QueueOptions options = new() { Clock = clock };
                yield return ($"{name}.{number:D4}", EstreamQueue.Open(partitioned.DirectoryOf(number), options));
            }
        }
    }
}
