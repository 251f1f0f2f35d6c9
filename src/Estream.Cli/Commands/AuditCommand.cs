using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Cli.Commands;

/// <summary>`estream audit`: prints the administrative actions recorded by a host.</summary>
internal static class AuditCommand
{
    private const int LongestPauseMicroseconds = 50_000;
    private const string LastPrefix = "last:";

    public static Command Create(CliContext context)
    {
        Option<string> from = new("--from") { Description = StartPoint.Help, HelpName = "WHERE", DefaultValueFactory = _ => "last:50" };
        Option<bool> follow = new("--follow", "-f") { Description = "Wait for new actions instead of exiting at the end." };
        Command command = new(
            "audit",
            "Prints the administrative actions recorded by a host: time, user, origin, action and outcome. With --host, at most the last "
            + "1000. Example: estream audit --from last:20")
        {
            from, follow,
        };
        FormatOption format = new(command);
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (host.IsGiven(parsed))
            {
                return await PrintOfHostAsync(
                    context, host, parsed, parsed.GetRequiredValue(from), parsed.GetValue(follow), format.IsJson(parsed), cancellation)
                    .ConfigureAwait(false);
            }

            StartPoint start = StartPoint.Parse(parsed.GetRequiredValue(from));
            string directory = AuditLog.DirectoryIn(context.DataFolder);
            if (!Directory.Exists(directory))
            {
                throw new CliException(
                    $"The data folder '{context.DataFolder}' has no audit log, because no host has started there. Set ESTREAM_DATA to the "
                    + "data folder of a host.");
            }

            using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
            using LineWriter lines = new(context.Output);
            return Print(queue, start, parsed.GetValue(follow), format.IsJson(parsed), lines, context.Cancellation);
        });
        return command;
    }

    private static async Task<int> PrintOfHostAsync(CliContext context, HostConnectionOptions host, ParseResult parsed, string from,
        bool follow, bool isJson, CancellationToken cancellation)
    {
        if (follow || !from.StartsWith(LastPrefix, StringComparison.Ordinal)
            || !int.TryParse(from.AsSpan(LastPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            throw new CliException("With --host, --from takes last:N, and --follow is not available.");
        }

        using HostConnection connection = host.Open(parsed, context);
        (_, JsonDocument answer) = await connection.AskAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"api/audit?last={count}"), HttpStatusCode.OK, cancellation)
            .ConfigureAwait(false);
        using (answer)
        {
            using LineWriter lines = new(context.Output);
            foreach (JsonElement record in answer.RootElement.EnumerateArray())
            {
                JsonElement act = record.GetProperty("message");
                lines.WriteLine(isJson || !act.TryGetProperty("at", out _) ? act.GetRawText() : LineOf(act));
            }
        }

        return ExitCode.Ok;
    }

    private static int Print(EstreamQueue queue, StartPoint start, bool follow, bool isJson, LineWriter lines,
        CancellationToken cancellation)
    {
        EsfSchemaSet.BuiltIn.TryGet(AuditLog.SchemaName, out EsfSchema? schema);
        ArrayBufferWriter<byte> text = new();
        QueueFollower.Run(queue, start, follow, LongestPauseMicroseconds, lines, Take, cancellation);
        return ExitCode.Ok;

        void Take(in QueueMessage message)
        {
            text.Clear();
            EsfStatus status = EsfJson.WriteJson(schema!, message.Payload, text);
            lines.WriteLine(!status.IsOk ? $"{message.Sequence}  ({status})"
                : isJson ? Encoding.UTF8.GetString(text.WrittenSpan)
                : LineOf(text.WrittenMemory));
        }
    }

    private static string LineOf(ReadOnlyMemory<byte> record)
    {
        using JsonDocument document = JsonDocument.Parse(record);
        return LineOf(document.RootElement);
    }

    private static string LineOf(JsonElement act)
    {
        string role = TextOf("role"), origin = TextOf("origin"), target = TextOf("target"), detail = TextOf("detail");
        string who = role.Length > 0 ? $"{TextOf("actor")} ({role})" : TextOf("actor");
        string at = DateTimeOffset.FromUnixTimeMilliseconds(act.GetProperty("at").GetInt64() / 1_000_000)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = $"{at}  {who}{(origin.Length > 0 ? $" from {origin}" : "")}: {TextOf("action")}";
        // The action of a request ends with its route, which is the whole target of a request without names and parameters.
        line += target.Length > 0 && !line.EndsWith($" {target}", StringComparison.Ordinal) ? $" {target}" : "";
        return $"{line}: {TextOf("outcome")}{(detail.Length > 0 ? $" ({detail})" : "")}";

        string TextOf(string name) => act.GetProperty(name).GetString()!;
    }
}
