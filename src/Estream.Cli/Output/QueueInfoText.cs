using System.Globalization;
using System.Text.Json;
using Estream.Cli.Commands;
using Estream.Queue;

namespace Estream.Cli.Output;

/// <summary>Writes information about a queue as text and JSON.</summary>
internal static class QueueInfoText
{
    public static void WriteText(LineWriter lines, QueueInfo info)
    {
        lines.WriteLine($"directory  {info.Directory}");
        lines.WriteLine($"messages   {info.MessageCount}, sequence {info.FirstSequence} to {info.NextSequence} (next)");
        lines.WriteLine($"positions  {info.FirstPosition} to {info.EndPosition} (end)");
        lines.WriteLine($"segments   {info.SegmentCount} of {info.SegmentBytes} bytes");
        lines.WriteLine($"retention  {Describe(info.Retention)}");
        lines.WriteLine($"durability {Describe(info.IngressDurability)}");
        lines.WriteLine($"writer     {(info.WriterProcessId == 0 ? "none" : $"process {info.WriterProcessId}")}");
        lines.WriteLine($"encrypted  {QueueKeyCommands.Describe(info.Encryption)}");
        foreach (AppenderInfo appender in info.Appenders)
        {
            lines.WriteLine($"appender   process {appender.ProcessId}, {NameOf(appender.Mode)}");
        }

        foreach (TailerInfo tailer in info.Tailers)
        {
            lines.WriteLine($"tailer     {tailer.Name} at {Describe(tailer)}, {UserOf(tailer)}");
        }

        foreach (SegmentUser user in info.SegmentUsers ?? [])
        {
            lines.WriteLine(
                $"inside     process {user.ProcessId}{NameOf(user)} between {user.FirstPosition} and {user.EndPosition}: {Describe(user)}");
        }

        if (!info.AreSegmentUsersComplete)
        {
            lines.WriteLine("inside     possibly others: some segments or locks of the machine could not be inspected");
        }
    }

    public static void WriteJson(LineWriter lines, QueueInfo info, QueueRecovery? recovery)
    {
        lines.WriteObject(json =>
        {
            json.WriteString("directory", info.Directory);
            json.WriteNumber("messages", info.MessageCount);
            json.WriteNumber("firstSequence", info.FirstSequence);
            json.WriteNumber("nextSequence", info.NextSequence);
            json.WriteNumber("firstPosition", info.FirstPosition);
            json.WriteNumber("endPosition", info.EndPosition);
            json.WriteNumber("segments", info.SegmentCount);
            json.WriteNumber("segmentBytes", info.SegmentBytes);
            json.WriteString("durability", info.IngressDurability.ToString());
            json.WriteNumber("writerProcessId", info.WriterProcessId);
            QueueKeyCommands.Write(json, info.Encryption);
            WriteUse(json, info);
            RecoveryText.WriteJson(json, recovery);
        });
    }

    private static string Describe(Durability durability) =>
        durability == Durability.Every ? "Every: adapters acknowledge a message when it is durable; each message is flushed immediately"
        : durability == Durability.Quorum
            ? "Quorum: adapters acknowledge a message when a majority of the brokers has it; it is not flushed on this machine"
        : durability == Durability.QuorumAndFlush
            ? "QuorumAndFlush: adapters acknowledge a message when a majority of the brokers has it and it is flushed on this machine"
        : durability.IsDurable
            ? "GroupCommit: adapters acknowledge messages when they are durable; messages are flushed together, within a millisecond"
        : "PageCache: adapters acknowledge a message before it is durable; a power cut can lose it";

    /// <summary>Describes the position of a tailer and, if known, its lag.</summary>
    public static string Describe(TailerInfo tailer) =>
        $"{tailer.Position}"
        + (tailer.Sequence is { } sequence
            ? $", message {sequence}, {tailer.LagMessages} messages and {tailer.LagBytes} bytes behind" : ", where there is no message");

    private static void WriteUse(Utf8JsonWriter json, QueueInfo info)
    {
        json.WriteStartObject("retention");
        json.WriteNumber("retainedBytes", info.Retention.RetainedBytes);
        json.WriteNumber("retainedAgeSeconds", info.Retention.RetainedAge.TotalSeconds);
        json.WriteNumber("segmentsBeyond", info.Retention.SegmentsBeyond);
        json.WriteStartArray("heldBy");
        foreach (string name in info.Retention.HeldBy)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteBoolean("isStoodIn", info.Retention.IsStoodIn);
        json.WriteEndObject();
        json.WriteStartArray("appenders");
        foreach (AppenderInfo appender in info.Appenders)
        {
            json.WriteStartObject();
            json.WriteNumber("processId", appender.ProcessId);
            json.WriteString("mode", NameOf(appender.Mode));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tailers");
        foreach (TailerInfo tailer in info.Tailers)
        {
            Write(json, tailer);
        }

        json.WriteEndArray();
        json.WriteStartArray("segmentUsers");
        foreach (SegmentUser user in info.SegmentUsers ?? [])
        {
            Write(json, user);
        }

        json.WriteEndArray();
        json.WriteBoolean("segmentUsersComplete", info.AreSegmentUsersComplete);
    }

    private static void Write(Utf8JsonWriter json, SegmentUser user)
    {
        json.WriteStartObject();
        json.WriteNumber("processId", user.ProcessId);
        json.WriteString("processName", user.ProcessName);
        json.WriteNumber("firstPosition", user.FirstPosition);
        json.WriteNumber("endPosition", user.EndPosition);
        json.WriteStartArray("tailers");
        foreach (string name in user.Tailers)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteBoolean("isAppender", user.IsAppender);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TailerInfo tailer)
    {
        json.WriteStartObject();
        json.WriteString("name", tailer.Name);
        json.WriteNumber("position", tailer.Position);
        if (tailer.Sequence is { } sequence && tailer.LagMessages is { } lag)
        {
            json.WriteNumber("sequence", sequence);
            json.WriteNumber("lagMessages", lag);
        }

        json.WriteNumber("lagBytes", tailer.LagBytes);
        json.WriteBoolean("inUse", tailer.IsInUse);
        json.WriteNumber("processId", tailer.ProcessId);
        json.WriteEndObject();
    }

    private static string Describe(RetentionInfo retention)
    {
        string bytes = retention.RetainedBytes == 0 ? "" : $"{retention.RetainedBytes} bytes";
        string age = retention.RetainedAge == TimeSpan.Zero ? "" : retention.RetainedAge.ToString("c", CultureInfo.InvariantCulture);
        string kept = bytes + (bytes.Length > 0 && age.Length > 0 ? " or " : "") + age;
        if (kept.Length == 0)
        {
            return "keeps everything";
        }

        string held = retention.HeldBy.Count > 0 ? $", held by {string.Join(", ", retention.HeldBy)}"
            : retention.IsStoodIn ? ", held by an unnamed tailer or a stopped appender" : "";
        return $"keeps {kept}; {retention.SegmentsBeyond} segments beyond that{held}";
    }

    private static string NameOf(SegmentUser user) => user.ProcessName.Length == 0 ? "" : $" ({user.ProcessName})";

    // The appender and all tailers of a process share one lock, so a process with an appender or a named tailer may also have an unnamed
    // tailer.
    private static string Describe(SegmentUser user)
    {
        string tailers = string.Join(", ", user.Tailers.Select(name => $"tailer {name}"));
        string told = tailers + (tailers.Length > 0 && user.IsAppender ? ", " : "") + (user.IsAppender ? "an appender" : "");
        return told.Length == 0 ? "an unnamed tailer" : $"{told}, possibly an unnamed tailer";
    }

    private static string UserOf(TailerInfo tailer) =>
        tailer.ProcessId == 0 ? "not in use" : tailer.ProcessId < 0 ? "in use" : $"in use by process {tailer.ProcessId}";

    private static string NameOf(AppenderMode mode) => mode == AppenderMode.Exclusive ? "exclusive" : "shared";
}
