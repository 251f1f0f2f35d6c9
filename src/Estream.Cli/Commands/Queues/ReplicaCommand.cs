using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Commands.Marketplace;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Replication;

namespace Estream.Cli.Commands;

/// <summary>`estream replica status`, `verify` and `reset`: how far a queue or map is replicated, whether a copy equals its source, and a
/// new start after stream and log no longer match.</summary>
internal static class ReplicaCommand
{
    public static Command Create(CliContext context) =>
        new("replica", "Shows how far a queue or map is replicated, compares a copy with its source, and starts replication again.")
        {
            CreateStatus(context),
            CreateVerify(context),
            CreateReset(context),
        };

    private static Command CreateReset(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Command command = new("reset", "Forgets how far a queue was replicated, while its host is stopped. A host that follows the queue "
            + "reads the stream from its start; a host that publishes the queue sends its whole log again, and its log wins. Connects to "
            + "no broker. Example: estream replica reset orders")
        {
            queue,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(queue);
            ReplicaReport before = ReplicationReset.Reset(Resolve(context, name));
            string known = before.IsReplicated
                ? string.Create(CultureInfo.InvariantCulture, $"epoch {before.Epoch}, position {before.Position}")
                : "nothing";
            using (LineWriter lines = new(context.Output))
            {
                lines.WriteLine($"forgot the stream of '{name}' ({known}). If this host publishes the queue, it sends its whole log again "
                    + "at its next start, and the copies of other hosts follow it. Start this host first.");
            }

            CliAudit.Record(context, "replica reset", name, known);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateStatus(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<bool> map = new("--map") { Description = "Show the owner and the age of a replicated map instead of a queue." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("status", "Shows epoch, confirmed position and lag of a replicated queue, on the machine of the source or "
            + "of a copy, or of a running host; with --map, owner and age of a map. Exit code 1 if the queue or map is not replicated. "
            + "Example: estream replica status orders")
        {
            queue, map, json,
        };
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (host.IsGiven(parsed))
            {
                using JsonDocument overview = await host.OverviewAsync(parsed, context, cancellation).ConfigureAwait(false);
                return ShowOfHost(
                    context, overview.RootElement, parsed.GetRequiredValue(queue), parsed.GetValue(map), parsed.GetValue(json));
            }

            if (parsed.GetValue(map))
            {
                return ShowMap(context, parsed.GetRequiredValue(queue), parsed.GetValue(json));
            }

            ReplicaReport report = ReplicaInspector.Read(Resolve(context, parsed.GetRequiredValue(queue)));
            using LineWriter lines = new(context.Output);
            if (parsed.GetValue(json))
            {
                WriteJson(lines, report);
            }
            else
            {
                lines.WriteLine(report.IsReplicated
                    ? string.Create(CultureInfo.InvariantCulture,
                        $"epoch {report.Epoch}, confirmed up to position {report.Position} of {report.EndPosition}, lag "
                        + $"{report.LagMessages} messages, {report.LagBytes} bytes")
                    : "not replicated");
            }

            return report.IsReplicated ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static int ShowOfHost(CliContext context, JsonElement overview, string name, bool isMap, bool isJson)
    {
        using LineWriter lines = new(context.Output);
        JsonElement found = overview.GetProperty("replication").EnumerateArray().FirstOrDefault(one =>
            one.GetProperty("kind").ValueEquals(isMap ? "map" : "queue") && one.GetProperty("queue").ValueEquals(name));
        if (found.ValueKind == JsonValueKind.Undefined)
        {
            lines.WriteLine(isJson ? "{\"isReplicated\":false}" : "not replicated");
            return ExitCode.No;
        }

        string Text(string member) => WorkspaceText.Plain(found.GetProperty(member).GetString()!);
        if (isJson)
        {
            lines.WriteLine(found.GetRawText());
            return ExitCode.Ok;
        }

        string owner = Text("owner") is { Length: > 0 } host ? $", owner '{host}'" : "";
        lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Text("role")}, {Text("state")}{owner}, epoch {found.GetProperty("epoch").GetInt64()}, confirmed up to position "
            + $"{found.GetProperty("position").GetInt64()}, lag {found.GetProperty("lagMessages").GetInt64()} messages, "
            + $"{found.GetProperty("lagBytes").GetInt64()} bytes, {found.GetProperty("lagSeconds").GetDouble():0.###} seconds"));
        if (Text("detail") is { Length: > 0 } detail)
        {
            lines.WriteLine("    " + detail);
        }

        return ExitCode.Ok;
    }

    private static int ShowMap(CliContext context, string name, bool isJson)
    {
        string directory = Path.GetFullPath(new DataFolder(context.DataFolder).Resolve(DataFolder.Maps, name));
        MapReport report = ReplicaInspector.ReadMap(directory, Path.Combine(directory, "..", "..", "feeds", Path.GetFileName(directory)));
        using LineWriter lines = new(context.Output);
        if (isJson)
        {
            WriteJson(lines, report);
        }
        else
        {
            lines.WriteLine(Describe(report));
        }

        return report.IsReplicated ? ExitCode.Ok : ExitCode.No;
    }

    private static string Describe(MapReport report)
    {
        if (!report.IsReplicated)
        {
            return "not replicated";
        }

        string entries = string.Create(CultureInfo.InvariantCulture, $"{report.Entries} entries");
        string owner = report.Owner.Length == 0 ? "not known" : $"'{report.Owner}'";
        return report.IsOwner ? $"owner {owner}, {entries}"
            : !report.IsComplete ? $"replica, owner {owner}, {entries}, not complete yet"
            : $"replica, owner {owner}, {entries}, has all changes up to {DateTime.UnixEpoch.AddTicks(report.AsOf / 100):o}";
    }

    private static Command CreateVerify(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<string> with = new("--with")
        {
            Description = "The directory of the source on this machine. Without it, compare the printed digests of two machines.",
            HelpName = "DIRECTORY",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("verify", "Checks every frame of a copy, prints a digest of the log, and compares the copy with its source. "
            + "Exit code 1 if a frame differs. Example: estream replica verify orders --with /mnt/source/queues/orders")
        {
            queue, with, json,
        };
        command.SetAction(parsed =>
        {
            ReplicaVerification found;
            using (ProgressLine.Start(context, $"verifying {parsed.GetRequiredValue(queue)}"))
            {
                found = ReplicaInspector.Verify(Resolve(context, parsed.GetRequiredValue(queue)), parsed.GetValue(with));
            }

            using LineWriter lines = new(context.Output);
            if (parsed.GetValue(json))
            {
                WriteJson(lines, found);
            }
            else
            {
                lines.WriteLine(Describe(found, parsed.GetValue(with) is not null));
            }

            return found.IsEqual ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static string Describe(ReplicaVerification found, bool isCompared)
    {
        string counted = string.Create(CultureInfo.InvariantCulture,
            $"{found.Messages} messages up to position {found.EndPosition}, sha256 {found.Digest}");
        return found.Difference is { } position ? $"different: the frames at position {position} are not those of the source"
            : !isCompared ? $"intact: {counted}"
            : found.MissingMessages == 0 ? $"equal: {counted}"
            : string.Create(CultureInfo.InvariantCulture, $"equal: {counted}; {found.MissingMessages} messages of the source are missing");
    }

    private static void WriteJson(LineWriter lines, ReplicaReport report)
    {
        using (Utf8JsonWriter json = new(lines.Buffer))
        {
            json.WriteStartObject();
            json.WriteString("directory", report.Directory);
            json.WriteBoolean("isReplicated", report.IsReplicated);
            json.WriteNumber("epoch", report.Epoch);
            json.WriteNumber("position", report.Position);
            json.WriteNumber("endPosition", report.EndPosition);
            json.WriteNumber("streamOffset", report.StreamOffset);
            json.WriteNumber("lagMessages", report.LagMessages);
            json.WriteNumber("lagBytes", report.LagBytes);
            json.WriteEndObject();
        }

        lines.EndLine();
    }

    private static void WriteJson(LineWriter lines, MapReport report)
    {
        using (Utf8JsonWriter json = new(lines.Buffer))
        {
            json.WriteStartObject();
            json.WriteString("directory", report.Directory);
            json.WriteBoolean("isReplicated", report.IsReplicated);
            json.WriteBoolean("isOwner", report.IsOwner);
            json.WriteString("owner", report.Owner);
            json.WriteNumber("asOf", report.AsOf);
            json.WriteBoolean("isComplete", report.IsComplete);
            json.WriteNumber("entries", report.Entries);
            json.WriteEndObject();
        }

        lines.EndLine();
    }

    private static void WriteJson(LineWriter lines, ReplicaVerification found)
    {
        using (Utf8JsonWriter json = new(lines.Buffer))
        {
            json.WriteStartObject();
            json.WriteString("directory", found.Directory);
            json.WriteBoolean("isEqual", found.IsEqual);
            json.WriteNumber("messages", found.Messages);
            json.WriteNumber("bytes", found.Bytes);
            json.WriteNumber("endPosition", found.EndPosition);
            json.WriteString("sha256", found.Digest);
            if (found.Difference is { } position)
            {
                json.WriteNumber("difference", position);
            }

            json.WriteNumber("missingMessages", found.MissingMessages);
            json.WriteEndObject();
        }

        lines.EndLine();
    }

    private static string Resolve(CliContext context, string queue) =>
        new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, queue);
}
