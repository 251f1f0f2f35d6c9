using System.CommandLine;
using System.Net;
using System.Text.Json;
using Estream.Cli.Output;

namespace Estream.Cli.Commands.Hosts;

/// <summary>`estream status`: shows host, adapters, queues, maps, pipelines and replication on one screen.</summary>
internal static class StatusCommand
{
    private const string Ready = "ready";

    public static Command Create(CliContext context)
    {
        Option<bool> json = new("--json") { Description = "Print the answers of GET /health and GET /api/overview." };
        Command command = new(
            "status",
            "Shows the state of a running host: health, adapters, queues, maps, pipelines and replication. Exit code 1 if the host is not "
            + "ready, 2 if it cannot be reached. Example: estream status")
        {
            json,
        };
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using HostConnection connection = host.Open(parsed, context);
            (_, JsonDocument health) = await connection.AskAsync(HttpMethod.Get, "health", HttpStatusCode.ServiceUnavailable, cancellation)
                .ConfigureAwait(false);
            using (health)
            {
                (_, JsonDocument overview) =
                    await connection.AskAsync(HttpMethod.Get, "api/overview", HttpStatusCode.OK, cancellation).ConfigureAwait(false);
                using (overview)
                using (LineWriter lines = new(context.Output, context.HasColor))
                {
                    if (parsed.GetValue(json))
                    {
                        lines.WriteLine(
                            $"{{\"health\":{health.RootElement.GetRawText()},\"overview\":{overview.RootElement.GetRawText()}}}");
                    }
                    else
                    {
                        StatusText.Write(lines, health.RootElement, overview.RootElement);
                    }
                }

                return health.RootElement.GetProperty("status").GetString() == Ready ? ExitCode.Ok : ExitCode.No;
            }
        });
        return command;
    }
}
