using System.Collections.Concurrent;
using System.Text;
using Estream.Client;

namespace Estream.Replication.Tests.Failover;

/// <summary>A client that appends trades to a partitioned queue, and a member of a group that stores each trade as its result.</summary>
internal sealed class GroupWork
{
    private const int PerFlush = 5;

    /// <summary>The names of the acknowledged trades. Thread-safe.</summary>
    public ConcurrentQueue<string> Acknowledged { get; } = new();

    /// <summary>Appends trades until the host ends.</summary>
    /// <param name="host">The address of the host.</param>
    /// <param name="round">The number in the names of the trades.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task AppendAsync(Uri host, int round, CancellationToken cancellation)
    {
        await using EstreamClient client = await EstreamClient.ConnectAsync(host, cancellation: cancellation);

        // Not disposed: that would wait until a host has all messages, and this host ends.
        RemotePartitionedAppender appender = await client.PartitionedQueue("trades").CreateAppenderAsync(cancellation);
        for (int i = 0; ; i += PerFlush)
        {
            string[] names = [.. Enumerable.Range(i, PerFlush).Select(number => $"t{round}-{number}.")];
            foreach (string name in names)
            {
                await appender.AppendAsync(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(name), cancellation);
            }

            await appender.FlushAsync(cancellation);
            Array.ForEach(names, Acknowledged.Enqueue);
        }
    }

    /// <summary>Stores the results of trades until the host ends.</summary>
    public static async Task BookAsync(Uri host, CancellationToken cancellation)
    {
        await using EstreamClient client = await EstreamClient.ConnectAsync(host, cancellation: cancellation);
        await using RemoteGroupMember member = await client.PartitionedQueue("trades").JoinGroupAsync(
            "booking", new GroupOptions { Output = "booked" }, cancellation);
        while (true)
        {
            GroupBatch batch = await member.NextAsync(cancellation);
            _ = await batch.DoneAsync([.. batch.Messages.Select(message => message.Payload)], cancellation);
        }
    }
}
