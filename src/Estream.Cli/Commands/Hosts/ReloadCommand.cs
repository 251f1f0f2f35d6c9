using System.CommandLine;
using System.Net;
using System.Text.Json;
using Estream.Cli.Commands.Marketplace;
using Estream.Cli.Output;

namespace Estream.Cli.Commands.Hosts;

/// <summary>`estream host reload`: applies the configuration file to a running host.</summary>
internal static class ReloadCommand
{
    /// <summary>The time limit. The host drains adapters, starts new ones, and may have to start the old ones again.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public static Command Create(CliContext context)
    {
        Option<bool> isDryRun = new("--dry-run") { Description = "Print the changes, and make none." };
        Option<bool> json = new("--json") { Description = "Print the answer of PUT /api/reload." };
        Command command = new(
            "reload",
            "Applies the configuration file to a running host: adds, changes and removes queues, maps and adapters. All other parts keep "
            + "running. The host checks the file first. If the file has an error, or a changed setting needs a restart, nothing changes. "
            + "If a part cannot start, the host continues as before. Adapters and queues also read users, permissions, certificates and "
            + "trusted keys again. A token needs the role admin. Exit code 1 if the host refuses the file or a credential, or if a part "
            + "does not follow the file. Example: estream host reload --dry-run")
        {
            isDryRun, json,
        };
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using HostConnection connection = host.Open(parsed, context);
            connection.Limit = s_limit;
            string path = parsed.GetValue(isDryRun) ? "api/reload?dryRun=true" : "api/reload";
            (HttpStatusCode status, JsonDocument answer) =
                await connection.AskAsync(HttpMethod.Put, path, HttpStatusCode.Conflict, cancellation).ConfigureAwait(false);
            using (answer)
            {
                using LineWriter lines = new(context.Output);
                if (parsed.GetValue(json))
                {
                    lines.WriteLine(answer.RootElement.GetRawText());
                }
                else
                {
                    Show(lines, answer.RootElement);
                }
            }

            return status == HttpStatusCode.OK ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static void Show(LineWriter lines, JsonElement answer)
    {
        string status = Text(answer, "status");
        lines.WriteLine("configuration: " + status switch
        {
            "refused" => "refused; nothing was changed",
            "unchanged" => FileOf(answer) is { Length: > 0 } file ? $"unchanged; the host reads {file}" : "unchanged",
            "rolled-back" => "rolled back; a part could not start, and the host runs with the previous configuration",
            _ => status,
        });
        foreach (JsonElement change in answer.GetProperty("changes").EnumerateArray())
        {
            lines.WriteLine($"{Text(change, "kind")} {Text(change, "name")}: {Join(ActionOf(status, Text(change, "action")), change)}");
        }

        foreach (JsonElement restart in answer.GetProperty("restarts").EnumerateArray())
        {
            lines.WriteLine($"{Text(restart, "key")}: {Join("needs a restart of the host", restart)}");
        }

        foreach (JsonElement error in answer.GetProperty("errors").EnumerateArray())
        {
            lines.WriteLine($"error: {WorkspaceText.Plain(error.GetString() ?? "")}");
        }

        ShowCredentials(lines, answer.GetProperty("adapters"), "adapter");
        ShowCredentials(lines, answer.GetProperty("queues"), "queue");
    }

    private static void ShowCredentials(LineWriter lines, JsonElement parts, string kind)
    {
        foreach (JsonElement part in parts.EnumerateArray())
        {
            string detail = Text(part, "detail");
            lines.WriteLine($"credentials of {kind} {Text(part, "name")}: {Text(part, "status")}"
                + (detail.Length == 0 ? "" : $"; the previous credentials stay in use: {detail}"));
        }
    }

    // A host of an earlier version does not name its file.
    private static string FileOf(JsonElement answer) =>
        answer.TryGetProperty("file", out JsonElement file) ? WorkspaceText.Plain(file.GetString() ?? "") : "";

    private static string ActionOf(string status, string action) => status is "applied" ? action : action switch
    {
        "added" => "would be added",
        "removed" => "would be removed",
        _ => "would be changed",
    };

    private static string Join(string text, JsonElement part) =>
        Text(part, "detail") is { Length: > 0 } detail ? $"{text}. {detail}" : text;

    private static string Text(JsonElement part, string name) => WorkspaceText.Plain(part.GetProperty(name).GetString() ?? "");
}
