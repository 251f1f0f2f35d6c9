using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Client;

namespace Estream.Cli.Commands.Remote;

/// <summary>With `--host`: `estream queue info`, `remove-cursor` and `remove-group`.</summary>
internal static class RemoteQueueCommands
{
    /// <summary>Prints the extent of a queue.</summary>
    public static async Task<int> ShowInfoAsync(
        CliContext context, RemoteOptions remote, ParseResult parsed, string queue, bool isJson, CancellationToken cancellation)
    {
        EstreamClient client = await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            RemoteQueueInfo info = await client.Queue(queue).GetInfoAsync(cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            if (isJson)
            {
                lines.WriteObject(json =>
                {
                    json.WriteNumber("firstSequence", info.FirstSequence);
                    json.WriteNumber("nextSequence", info.NextSequence);
                    json.WriteNumber("endPosition", info.EndPosition);
                    json.WriteNumber("maxMessageBytes", info.MaxMessageBytes);
                    json.WriteBoolean("writable", info.IsWritable);
                });
            }
            else
            {
                lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"messages       {info.NextSequence - info.FirstSequence}: {info.FirstSequence} to {info.NextSequence - 1}"));
                lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"end            {info.EndPosition}"));
                lines.WriteLine($"append         {(info.IsWritable ? "allowed" : "not allowed")}");
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>Removes a consumer group. Returns whether it existed.</summary>
    public static async Task<bool> RemoveGroupAsync(
        RemoteOptions remote, ParseResult parsed, string queue, string group, CancellationToken cancellation)
    {
        EstreamClient client = await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            return await client.PartitionedQueue(queue).RemoveGroupAsync(group, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a cursor. Returns whether it existed.</summary>
    public static async Task<bool> RemoveCursorAsync(
        RemoteOptions remote, ParseResult parsed, string queue, string cursor, CancellationToken cancellation)
    {
        EstreamClient client = await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            return await client.Queue(queue).RemoveCursorAsync(cursor, cancellation).ConfigureAwait(false);
        }
    }
}
