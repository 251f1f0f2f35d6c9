using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Estream.Cli.Output;

namespace Estream.Cli.Commands;

/// <summary>`estream host`: sends requests to a running host through its Unix socket.</summary>
internal static class HostCommand
{
    private const int MaxAnswerBytes = 1 << 20;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public static Command Create(CliContext context) => new("host", "Sends requests to a running host on this "
        + "machine.") { CreateReload(context) };

    private static Command CreateReload(CliContext context)
    {
        Option<string?> socket = new("--socket")
        {
            Description = "The Unix socket of the host (setting Http:Socket). Default: run/http.sock in the data folder.",
            HelpName = "PATH",
        };
        Command command = new(
            "reload",
            "Makes all adapters reload users, permissions, certificates and revocation lists, and queues their trusted keys. Closes "
            + "connections of users that lost a permission. The host also detects changed files itself. Exit code 2 if an adapter or a "
            + "queue fails to reload. Example: estream host reload")
        {
            socket,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(socket) ?? Path.Combine(context.DataFolder, "run", "http.sock"));
            using JsonDocument? answer = await AskAsync(context, path, cancellation).ConfigureAwait(false);
            return answer is null ? ExitCode.Failed : Show(context, answer.RootElement);
        });
        return command;
    }

    private static async Task<JsonDocument?> AskAsync(CliContext context, string path, CancellationToken cancellation)
    {
        using HttpClient client = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { Timeout = s_limit, MaxResponseContentBufferSize = MaxAnswerBytes };
        try
        {
            using HttpResponseMessage answer =
                await client.PutAsync(new Uri("http://localhost/api/reload"), null, cancellation).ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict)
            {
                return JsonDocument.Parse(body);
            }

            await context.Error.WriteLineAsync($"estream: The host at {path} returned HTTP status "
                + $"{(int)answer.StatusCode}.").ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or JsonException or ArgumentException)
        {
            await context.Error.WriteLineAsync(
                $"estream: Cannot reach a host at {path}: {failure.GetBaseException().Message}. Start the host, or name its socket with "
                + "--socket.").ConfigureAwait(false);
        }

        return null;
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
