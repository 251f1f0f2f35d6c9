using System.CommandLine;
using System.ComponentModel;
using System.Net;
using System.Text.Json;
using Estream.Cli.Output;
using Estream.Core.Internal;

namespace Estream.Cli.Commands.Hosts;

/// <summary>`estream host`: runs a host, checks its configuration, and sends requests to a running host.</summary>
internal static class HostCommand
{
    public static Command Create(CliContext context) => new("host", "Runs a host, checks its configuration, and reloads a running host.")
    {
        CreateRun(context), CreateCheck(context), CreateReload(context),
    };

    private static Command CreateRun(CliContext context) => CreateExecuting(
        context,
        "run",
        "Runs the host in this process until Ctrl-C or SIGTERM. Exit code 1 for an error of the environment, 2 for an error of the "
        + "configuration. Example: estream host run --config estream.json");

    private static Command CreateCheck(CliContext context) => CreateExecuting(
        context,
        "check",
        "Checks the configuration of a host and prints all errors. Starts nothing. Exit code 2 if there are errors. Example: estream "
        + "host check --config estream.json",
        "--check");

    /// <summary>Creates a command that runs the program of the host in this process.</summary>
    private static Command CreateExecuting(CliContext context, string name, string description, params string[] arguments)
    {
        Option<string?> config = new("--config")
        {
            Description = "The configuration file. Default: the shipped configuration, an MQTT endpoint for devices.",
            HelpName = "FILE",
        };
        Command command = new(name, description) { config };
        command.SetAction(parsed =>
            Execute(context, [.. parsed.GetValue(config) is { } file ? (string[])["--config", file] : [], .. arguments]));
        return command;
    }

    private static int Execute(CliContext context, string[] arguments)
    {
        (string program, string[] before) = HostProgramFile.Find(context.HostProgram, AppContext.BaseDirectory);
        try
        {
            ProcessImage.Replace(program, [.. before, .. arguments]);
        }
        catch (Win32Exception failure)
        {
            throw new CliException($"Cannot run '{program}': {failure.Message}. Install the .NET runtime 10, or correct the variable "
                + $"{HostProgramFile.Variable}.");
        }

        return ExitCode.Ok;
    }

    private static Command CreateReload(CliContext context)
    {
        Command command = new(
            "reload",
            "Makes all adapters reload users, permissions, certificates and revocation lists, and queues their trusted keys. Closes "
            + "connections of users that lost a permission. The host also detects changed files itself. Exit code 2 if an adapter or a "
            + "queue fails to reload. Example: estream host reload");
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using HostConnection connection = host.Open(parsed, context);
            (_, JsonDocument answer) =
                await connection.AskAsync(HttpMethod.Put, "api/reload", HttpStatusCode.Conflict, cancellation).ConfigureAwait(false);
            using (answer)
            {
                return Show(context, answer.RootElement);
            }
        });
        return command;
    }

    private static int Show(CliContext context, JsonElement answer)
    {
        int code = ExitCode.Ok;
        using LineWriter lines = new(context.Output);
        foreach ((string list, string before) in (ReadOnlySpan<(string, string)>)[("adapters", ""), ("queues", "queue ")])
        {
            foreach (JsonElement part in answer.GetProperty(list).EnumerateArray())
            {
                string name = before + part.GetProperty("name").GetString();
                string status = part.GetProperty("status").GetString()!;
                string detail = part.GetProperty("detail").GetString()!;
                lines.WriteLine(detail.Length == 0 ? $"{name}: {status}"
                    : $"{name}: {status}; the previous credentials stay in use: {detail}");
                code = status == "reloaded" ? code : ExitCode.Failed;
            }
        }

        return code;
    }
}
