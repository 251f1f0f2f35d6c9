using System.CommandLine;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Commands.Remote;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream queue info`, `verify`, `remove-tailer` and `remove-cursor`, and the commands of <see cref="RemoteQueueCommands"/>,
/// <see cref="QueueKeyCommands"/> and <see cref="QueuePartitionCommands"/>.</summary>
internal static class QueueCommand
{
    /// <summary>The prefix of the tailers of cursors; see docs/formats/client.md.</summary>
    private const string CursorPrefix = "client-";

    public static Command Create(CliContext context)
    {
        return new Command("queue", "Lists, creates, inspects and verifies queues, and manages their readers and encryption keys.")
        {
            QueueListCommand.Create(context),
            QueuePartitionCommands.CreateCreate(context),
            CreateInfo(context),
            CreateVerify(context),
            QueueRetentionCommand.Create(context),
            CreateRemoveTailer(context),
            CreateRemoveCursor(context),
            QueuePartitionCommands.CreateRemoveGroup(context),
            AppendCommand.Create(context),
            RedriveCommand.Create(context),
            QueueKeyCommands.CreateRotate(context),
            QueueKeyCommands.CreateRewrap(context),
        };
    }

    private static Command CreateInfo(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<bool> json = SharedOptions.Json();
        Command command = new("info", "Shows messages, segments, retention, appenders and tailers of a queue. Example: estream queue info "
            + "telemetry") { queue, json };
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (remote.IsGiven(parsed))
            {
                return await RemoteQueueCommands.ShowInfoAsync(
                    context, remote, parsed, parsed.GetRequiredValue(queue), parsed.GetValue(json), cancellation).ConfigureAwait(false);
            }

            using LineWriter lines = new(context.Output);
            string directory = Resolve(context, parsed.GetRequiredValue(queue));
            if (PartitionedQueue.IsPartitioned(directory))
            {
                QueuePartitionCommands.WriteInfo(lines, directory, parsed.GetValue(json));
                return ExitCode.Ok;
            }

            using EstreamQueue log = EstreamQueue.OpenReadOnly(directory);
            QueueInfo info = log.GetInfo(withSegmentUsers: true);
            if (parsed.GetValue(json))
            {
                QueueInfoText.WriteJson(lines, info, log.Recovery);
            }
            else
            {
                QueueInfoText.WriteText(lines, info);
                RecoveryText.Write(lines, log.Recovery);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateVerify(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<bool> json = SharedOptions.Json();
        Command command = new("verify", "Reads and checks every message of a queue. Repairs nothing. Exit code 1 if the queue is damaged. "
            + "Example: estream queue verify telemetry") { queue, json };
        MasterKeyOptions masterKeys = new(command);
        command.SetAction(parsed =>
        {
            using QueueKeyRing? keys = masterKeys.Read(parsed);
            using EstreamQueue log = Open(context, parsed.GetRequiredValue(queue), keys);
            using LineWriter lines = new(context.Output);
            QueueVerification found;
            using (ProgressLine.Start(context, $"verifying {parsed.GetRequiredValue(queue)}"))
            {
                found = log.Verify();
            }

            if (parsed.GetValue(json))
            {
                WriteJson(lines, found);
            }
            else
            {
                string counted = $"{found.MessageCount} messages, {found.PayloadBytes} bytes of payload, {found.SegmentCount} segments";
                lines.WriteLine(found.Damage is { } damage
                    ? $"damaged: {damage.Path} at byte {damage.Offset}: {damage.Reason} (intact before it: {counted})"
                    : $"intact: {counted}");
                RecoveryText.Write(lines, log.Recovery);
            }

            return found.IsWhole ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static Command CreateRemoveTailer(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Argument<string> name = new("TAILER") { Description = "The name of a tailer that is not in use." };
        Command command = new(
            "remove-tailer",
            "Removes a named tailer and its position, so retention no longer waits for it. A new tailer of this name starts at the oldest "
            + "message. Exit code 1 if the tailer does not exist. Example: estream queue remove-tailer telemetry map-latest")
        {
            queue, name,
        };
        command.SetAction(parsed =>
        {
            string directory = Resolve(context, parsed.GetRequiredValue(queue));
            string tailer = parsed.GetRequiredValue(name);
            using LineWriter lines = new(context.Output);
            if (RemoveTailer(directory, tailer) is not { } before)
            {
                lines.WriteLine($"there is no tailer '{tailer}'");
                return ExitCode.No;
            }

            string next = QueueInfoText.Describe(before);
            CliAudit.Record(context, "queue remove-tailer", parsed.GetRequiredValue(queue), $"tailer {tailer}, next position {next}");
            lines.WriteLine($"removed tailer {tailer}, whose next position was {next}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRemoveCursor(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Argument<string> name = new("CURSOR") { Description = "The name of a cursor of remote clients that no subscription uses." };
        Command command = new(
            "remove-cursor",
            "Removes a cursor of remote clients, so retention no longer waits for it. A new cursor of this name starts at the oldest "
            + "message. Exit code 1 if the cursor does not exist, 2 if it is in use. Example: estream queue remove-cursor trades billing "
            + "--host unix:data/run/client.sock")
        {
            queue, name,
        };
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction(async (parsed, cancellation) =>
        {
            (string from, string cursor) = (parsed.GetRequiredValue(queue), parsed.GetRequiredValue(name));
            bool removed = remote.IsGiven(parsed)
                ? await RemoteQueueCommands.RemoveCursorAsync(remote, parsed, from, cursor, cancellation).ConfigureAwait(false)
                : RemoveTailer(Resolve(context, from), CursorPrefix + cursor) is not null;
            if (removed && !remote.IsGiven(parsed))
            {
                CliAudit.Record(context, "queue remove-cursor", from, $"cursor {cursor}");   // a host records what it does itself
            }

            using LineWriter lines = new(context.Output);
            lines.WriteLine(removed ? $"removed cursor {cursor}" : $"there is no cursor '{cursor}'");
            return removed ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    /// <summary>Removes a tailer that is not in use. Returns its last state; null if it does not exist.</summary>
    private static TailerInfo? RemoveTailer(string directory, string tailer)
    {
        TailerInfo? before;

        // Open read-only first, so a mistyped path does not create a queue.
        using (EstreamQueue log = EstreamQueue.OpenReadOnly(directory))
        {
            before = log.GetInfo().Tailers.FirstOrDefault(known => known.Name == tailer);
        }

        using EstreamQueue written = EstreamQueue.Open(directory);
        return before is not null && written.RemoveTailer(tailer) ? before : null;
    }

    private static EstreamQueue Open(CliContext context, string argument, QueueKeyRing? keys) =>
        EstreamQueue.OpenReadOnly(Resolve(context, argument), new QueueOptions { Keys = keys });

    private static string Resolve(CliContext context, string argument) =>
        new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, argument);

    private static void WriteJson(LineWriter lines, QueueVerification found)
    {
        lines.WriteObject(json =>
        {
            json.WriteBoolean("whole", found.IsWhole);
            json.WriteNumber("segments", found.SegmentCount);
            json.WriteNumber("messages", found.MessageCount);
            json.WriteNumber("payloadBytes", found.PayloadBytes);
            if (found.Damage is { } damage)
            {
                json.WriteStartObject("damage");
                json.WriteString("path", damage.Path);
                json.WriteNumber("offset", damage.Offset);
                json.WriteString("reason", damage.Reason);
                json.WriteEndObject();
            }
        });
    }
}
