using System.CommandLine;
using System.Globalization;
using System.Text;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Client;

namespace Estream.Cli.Commands.Remote;

/// <summary>`estream queue append` on a host, and with `--host` `queue info`, `remove-cursor` and `remove-group`.</summary>
internal static class RemoteQueueCommands
{
    public static Command CreateAppend(CliContext context)
    {
        Argument<string> queue = new("QUEUE") { Description = "The name of the queue." };
        Command command = new("append", "Appends each line of standard input as a message to a queue of a host, and prints how many are "
            + "stored. Example: printf 'first\\nsecond\\n' | estream queue append trades --host unix:data/run/client.sock") { queue };
        RemoteOptions remote = new(command, isRequired: true);
        command.SetAction(async (parsed, cancellation) =>
        {
            EstreamClient client = await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                RemoteAppender appender = client.Queue(parsed.GetRequiredValue(queue)).CreateAppender();
                await using (appender.ConfigureAwait(false))
                {
                    using StreamReader input = new(context.Input, new UTF8Encoding(false));
                    while (await input.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
                    {
                        await appender.AppendAsync(Encoding.UTF8.GetBytes(line), cancellation).ConfigureAwait(false);
                    }

                    await appender.FlushAsync(cancellation).ConfigureAwait(false);
                    using LineWriter lines = new(context.Output);
                    lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stored {appender.Acknowledged} messages"));
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

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
