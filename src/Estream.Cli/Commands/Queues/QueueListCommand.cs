using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream queue list`: the queues of the data folder, or of a host.</summary>
internal static class QueueListCommand
{
    public static Command Create(CliContext context)
    {
        Command command =
            new("list", "Lists the queues of the data folder, or of a host. Example: estream queue list --host https://plant:5080");
        FormatOption format = new(command);
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            bool isJson = format.IsJson(parsed);
            using LineWriter lines = new(context.Output, context.HasColor);
            TextTable table = new("queue", ">messages", ">size", "durability");
            foreach ((string name, Extent found) in host.IsGiven(parsed)
                ? await OfHostAsync(host, parsed, context, cancellation).ConfigureAwait(false)
                : OfFolder(new DataFolder(context.DataFolder)))
            {
                if (isJson)
                {
                    WriteJson(lines, name, found);
                }
                else
                {
                    table.Add(found.Failure, name, found.Messages.ToString(CultureInfo.InvariantCulture), Quantity.Bytes(found.Bytes),
                        found.Durability);
                }
            }

            table.Write(lines);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<(string Name, Extent Found)> OfFolder(DataFolder data) =>
        data.List(DataFolder.Queues).Select(name => (name, Read(data.PathOf(DataFolder.Queues, name))));

    private static async Task<IEnumerable<(string Name, Extent Found)>> OfHostAsync(
        HostConnectionOptions host, ParseResult parsed, CliContext context, CancellationToken cancellation)
    {
        return await host.ListAsync("queues", static queue => (queue.GetProperty("name").GetString()!,
            new Extent(queue.GetProperty("messages").GetInt64(), queue.GetProperty("bytes").GetInt64(),
                queue.GetProperty("durability").GetString()!, "")), parsed, context, cancellation).ConfigureAwait(false);
    }

    private static void WriteJson(LineWriter lines, string name, Extent found) => lines.WriteObject(json =>
    {
        json.WriteString("name", name);
        json.WriteNumber("messages", found.Messages);
        json.WriteNumber("bytes", found.Bytes);
        json.WriteString("durability", found.Durability);
        if (found.Failure.Length > 0)
        {
            json.WriteString("failure", found.Failure);
        }
    });

    // A queue that cannot be opened is listed with the reason, so that the others are still shown.
    private static Extent Read(string directory)
    {
        try
        {
            if (!PartitionedQueue.IsPartitioned(directory))
            {
                using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
                return Extent.Of(queue.GetInfo());
            }

            using PartitionedQueue partitions = PartitionedQueue.OpenReadOnly(directory);
            return Enumerable.Range(0, partitions.PartitionCount)
                .Where(number => Directory.Exists(partitions.DirectoryOf(number)))
                .Select(number => Extent.Of(partitions.Partition(number).GetInfo()))
                .Aggregate(new Extent(0, 0, "", ""), static (sum, one) =>
                    new Extent(sum.Messages + one.Messages, sum.Bytes + one.Bytes, one.Durability, ""));
        }
        catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
        {
            return new Extent(0, 0, "", failure.Message);
        }
    }

    private sealed record Extent(long Messages, long Bytes, string Durability, string Failure)
    {
        public static Extent Of(QueueInfo info) =>
            new(info.MessageCount, info.LogBytes, info.IngressDurability.ToString(), "");
    }
}
