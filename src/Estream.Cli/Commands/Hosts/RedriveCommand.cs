using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Estream.Cli.Commands.Marketplace;
using Estream.Cli.Output;

namespace Estream.Cli.Commands.Hosts;

/// <summary>`estream queue redrive`: a host stores the messages of dead letters again.</summary>
internal static class RedriveCommand
{
    private const int MaxPerRequest = 1_000;
    private const int MaxListed = 100;

    public static Command Create(CliContext context)
    {
        Argument<string> queue = new("QUEUE")
        {
            Description = "The queue with the dead letters. Default: dead-letters.",
            DefaultValueFactory = _ => "dead-letters",
        };
        Option<string?> where = new("--where")
        {
            Description = "Send only dead letters whose fields satisfy this expression, such as 'source == \"devices\"'.",
            HelpName = "EXPRESSION",
        };
        Option<long?> limit = new("--limit") { Description = "Send at most N messages.", HelpName = "N" };
        Option<bool> dryRun = new("--dry-run") { Description = "Show what would be sent, and send nothing." };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "redrive",
            "Sends the messages of dead letters back to where they came from, after their mapping or schema was corrected: through the "
            + "mappings of their MQTT adapter, or into the queue of their pipeline, circuit or client. The host remembers which were sent, "
            + "so a second run does not repeat them. Exit code 1 if messages are refused. Example: estream queue redrive --dry-run")
        {
            queue, where, limit, dryRun, json,
        };
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            long most = parsed.GetValue(limit) switch
            {
                null => long.MaxValue,
                < 1 => throw new CliException("--limit takes 1 or more: the number of messages."),
                { } count => count,
            };
            using HostConnection connection = host.Open(parsed, context);
            Run run = new(connection, parsed.GetRequiredValue(queue), parsed.GetValue(where), parsed.GetValue(dryRun));
            await run.SendAsync(most, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output, context.HasColor);
            run.Write(lines, parsed.GetValue(json));
            return run.Refused == 0 ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private sealed class Run(HostConnection host, string queue, string? where, bool isDryRun)
    {
        private readonly TextTable _table = new(">sequence", "source", "topic", "result");
        private readonly List<JsonElement> _deadLetters = [];
        private long _sent;

        public long Refused { get; private set; }

        // The host limits a request to a few seconds. Its answer contains the sequence number where the next request continues.
        public async Task SendAsync(long most, CancellationToken cancellation)
        {
            long next = 0;
            bool hasMore = true;
            while (hasMore && _sent < most)
            {
                string query = string.Create(CultureInfo.InvariantCulture,
                    $"from={next}&limit={Math.Min(most - _sent, MaxPerRequest)}&dryRun={(isDryRun ? "true" : "false")}");
                query += where is null ? "" : $"&where={Uri.EscapeDataString(where)}";
                (_, JsonDocument answer) = await host.AskAsync(HttpMethod.Put,
                    $"api/queues/{Uri.EscapeDataString(queue)}/redrive?{query}", HttpStatusCode.OK, cancellation).ConfigureAwait(false);
                using (answer)
                {
                    JsonElement result = answer.RootElement;
                    _sent += result.GetProperty("sent").GetInt64();
                    Refused += result.GetProperty("refused").GetInt64();
                    next = result.GetProperty("next").GetInt64();
                    hasMore = result.GetProperty("hasMore").GetBoolean();
                    _deadLetters.AddRange(result.GetProperty("deadLetters").EnumerateArray().Take(MaxListed - _deadLetters.Count)
                        .Select(deadLetter => deadLetter.Clone()));
                }
            }
        }

        public void Write(LineWriter lines, bool isJson)
        {
            if (isJson)
            {
                lines.WriteObject(json =>
                {
                    json.WriteNumber("sent", _sent);
                    json.WriteNumber("refused", Refused);
                    json.WriteBoolean("dryRun", isDryRun);
                    json.WritePropertyName("deadLetters");
                    json.WriteStartArray();
                    _deadLetters.ForEach(deadLetter => deadLetter.WriteTo(json));
                    json.WriteEndArray();
                });
                return;
            }

            foreach (JsonElement deadLetter in _deadLetters)
            {
                string Text(string name) => WorkspaceText.Plain(deadLetter.GetProperty(name).GetString()!);
                string result = Text("reason") is { Length: > 0 } reason ? $"refused: {reason}" : isDryRun ? "would be sent" : "sent";
                _table.Add("", $"{deadLetter.GetProperty("sequence")}", Text("source"), Text("topic"), result);
            }

            _table.Write(lines);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(isDryRun ? "would send" : "sent")} {_sent} messages, refused {Refused}"));
        }
    }
}
