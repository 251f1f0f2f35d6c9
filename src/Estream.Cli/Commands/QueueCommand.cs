using System.CommandLine;
using System.Text.Json;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream queue info` and `estream queue verify`, and beside them the commands for keys.</summary>
internal static class QueueCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("queue", "Says what is in a queue and whether it is whole, and changes its keys.")
        {
            CreateInfo(context),
            CreateVerify(context),
            QueueKeyCommands.CreateRotate(context),
            QueueKeyCommands.CreateRewrap(context),
        };
    }

    private static Command CreateInfo(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<bool> json = SharedOptions.Json();
        Command command = new("info", "Messages, segments, writer and named readers of a queue.") { queue, json };
        command.SetAction(parsed =>
        {
            using EstreamQueue log = Open(context, parsed.GetRequiredValue(queue), keys: null);
            using LineWriter lines = new(context.Output);
            QueueInfo info = log.GetInfo();
            if (parsed.GetValue(json))
            {
                WriteJson(lines, info);
            }
            else
            {
                WriteText(lines, info);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateVerify(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<string> keyFile = SharedOptions.KeyFile();
        Option<bool> json = SharedOptions.Json();
        Command command = new("verify", "Reads every message and checks it. Repairs nothing. Exit code 1 where there is damage.") { queue, keyFile, json };
        command.SetAction(parsed =>
        {
            using QueueKeyRing? keys = parsed.GetValue(keyFile) is { } file ? QueueKeyRing.FromFile(file) : null;
            using EstreamQueue log = Open(context, parsed.GetRequiredValue(queue), keys);
            using LineWriter lines = new(context.Output);
            QueueVerification found = log.Verify();
            if (parsed.GetValue(json))
            {
                WriteJson(lines, found);
            }
            else
            {
                string counted = $"{found.MessageCount} messages, {found.PayloadBytes} bytes of payload, {found.SegmentCount} segments";
                lines.WriteLine(found.Damage is { } damage
                    ? $"damaged: {damage.Path} at byte {damage.Offset}: {damage.Reason} (whole before it: {counted})"
                    : $"whole: {counted}");
            }

            return found.IsWhole ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static EstreamQueue Open(CliContext context, string argument, QueueKeyRing? keys)
    {
        return EstreamQueue.OpenReadOnly(new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, argument), new QueueOptions { Keys = keys });
    }

    private static void WriteText(LineWriter lines, QueueInfo info)
    {
        lines.WriteLine($"directory  {info.Directory}");
        lines.WriteLine($"messages   {info.MessageCount}, sequence {info.FirstSequence} up to {info.NextSequence} (the next)");
        lines.WriteLine($"positions  {info.FirstPosition} up to {info.EndPosition} (the end)");
        lines.WriteLine($"segments   {info.SegmentCount} of {info.SegmentBytes} bytes");
        lines.WriteLine($"writer     {(info.WriterProcessId == 0 ? "none" : $"process {info.WriterProcessId}")}");
        lines.WriteLine($"encrypted  {QueueKeyCommands.Describe(info.Encryption)}");
        foreach (TailerInfo tailer in info.Tailers)
        {
            lines.WriteLine($"tailer     {tailer.Name} goes on at {tailer.Position}");
        }
    }

    private static void WriteJson(LineWriter lines, QueueInfo info)
    {
        using (Utf8JsonWriter json = new(lines.Buffer))
        {
            json.WriteStartObject();
            json.WriteString("directory", info.Directory);
            json.WriteNumber("messages", info.MessageCount);
            json.WriteNumber("firstSequence", info.FirstSequence);
            json.WriteNumber("nextSequence", info.NextSequence);
            json.WriteNumber("firstPosition", info.FirstPosition);
            json.WriteNumber("endPosition", info.EndPosition);
            json.WriteNumber("segments", info.SegmentCount);
            json.WriteNumber("segmentBytes", info.SegmentBytes);
            json.WriteNumber("writerProcessId", info.WriterProcessId);
            QueueKeyCommands.Write(json, info.Encryption);
            json.WriteStartArray("tailers");
            foreach (TailerInfo tailer in info.Tailers)
            {
                json.WriteStartObject();
                json.WriteString("name", tailer.Name);
                json.WriteNumber("position", tailer.Position);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        lines.EndLine();
    }

    private static void WriteJson(LineWriter lines, QueueVerification found)
    {
        using (Utf8JsonWriter json = new(lines.Buffer))
        {
            json.WriteStartObject();
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

            json.WriteEndObject();
        }

        lines.EndLine();
    }
}
