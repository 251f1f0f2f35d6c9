using System.CommandLine;
using System.Net;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Commands.Marketplace;
using Estream.Cli.Output;

namespace Estream.Cli.Commands;

/// <summary>`estream circuit list` and `show`: the circuits of a running host.</summary>
internal static class CircuitHostCommands
{
    public static Command CreateList(CliContext context)
    {
        Command command = new("list",
            "Lists the circuits of a running host with their states. Example: estream circuit list --host https://plant:5080");
        FormatOption format = new(command);
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using JsonDocument overview = await host.OverviewAsync(parsed, context, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output, context.HasColor);
            TextTable table = new("circuit", "version", "state", "tenant", "outputs");
            foreach (JsonElement circuit in overview.RootElement.GetProperty("circuits").EnumerateArray())
            {
                if (format.IsJson(parsed))
                {
                    lines.WriteLine(circuit.GetRawText());
                    continue;
                }

                table.Add(Text(circuit, "detail"), Text(circuit, "name"), Text(circuit, "version"), Text(circuit, "state"),
                    Text(circuit, "tenant"), string.Join(", ", circuit.GetProperty("outputs").EnumerateArray().Select(Plain)));
            }

            table.Write(lines);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateShow(CliContext context)
    {
        Argument<string> name = new("CIRCUIT") { Description = "The name of a circuit: see estream circuit list." };
        Option<bool> json = new("--json") { Description = "Print the answer of GET /api/circuits/NAME." };
        Command command = new("show",
            "Shows the inputs, nodes, outputs and flows of a circuit of a running host. Exit code 1 if the host does not have the circuit. "
            + "Example: estream circuit show alarms")
        {
            name, json,
        };
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string circuit = parsed.GetRequiredValue(name);
            using HostConnection connection = host.Open(parsed, context);
            (HttpStatusCode status, JsonDocument answer) = await connection.AskAsync(HttpMethod.Get,
                $"api/circuits/{Uri.EscapeDataString(circuit)}", HttpStatusCode.NotFound, cancellation).ConfigureAwait(false);
            using (answer)
            {
                if (status == HttpStatusCode.NotFound)
                {
                    throw new CliException(
                        $"The host has no circuit '{circuit}'. List its circuits with 'estream circuit list'.", ExitCode.No);
                }

                using LineWriter lines = new(context.Output, context.HasColor);
                if (parsed.GetValue(json))
                {
                    lines.WriteLine(answer.RootElement.GetRawText());
                }
                else
                {
                    Show(lines, answer.RootElement);
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(LineWriter lines, JsonElement circuit)
    {
        string tenant = Text(circuit, "tenant") is { Length: > 0 } owner ? $", tenant {owner}" : "";
        lines.WriteLine($"{Text(circuit, "name")} {Text(circuit, "version")}, {Text(circuit, "address")}{tenant}");
        if (Text(circuit, "description") is { Length: > 0 } description)
        {
            lines.WriteLine("    " + description);
        }

        TextTable elements = new("element", "kind", "schema", "queue or map");
        foreach (JsonElement element in circuit.GetProperty("places").EnumerateArray())
        {
            elements.Add("", Text(element, "name"), Text(element, "kind"), Text(element, "schema"), Text(element, "at"));
        }

        elements.Write(lines);
        TextTable flows = new("from", "to");
        foreach (JsonElement flow in circuit.GetProperty("flows").EnumerateArray())
        {
            flows.Add("", Text(flow, "from"), Text(flow, "to"));
        }

        flows.Write(lines);
    }

    private static string Text(JsonElement part, string name) => part.TryGetProperty(name, out JsonElement text) ? Plain(text) : "";

    // The text comes from another machine, so it must not control the terminal.
    private static string Plain(JsonElement text) =>
        text.ValueKind == JsonValueKind.String ? WorkspaceText.Plain(text.GetString()!) : "";
}
