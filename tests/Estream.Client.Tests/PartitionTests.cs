using System.Text;
using Estream.Client.Tests.Hosting;
using Estream.Queue;

namespace Estream.Client.Tests;

/// <summary>Goal: a client appends to a partitioned queue of a host by key, each message once and in the order of its key.</summary>
[Collection(HostCollection.Name)]
public sealed class PartitionTests
{
    private const int Keys = 20;
    private const int Messages = 4_000;

    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token;

    [Fact]
    public async Task Messages_of_a_key_keep_their_order_across_a_crash_of_the_host()
    {
        await using ClientCase host = new();
        RemotePartitionedQueue queue = (await host.ConnectAsync()).PartitionedQueue(ClientCase.Keyed);
        Assert.Equal(8, await queue.GetPartitionCountAsync(s_limit));
        await using RemotePartitionedAppender appender = await queue.CreateAppenderAsync(s_limit);
        for (int i = 0; i < Messages; i++)
        {
            if (i == Messages / 2)
            {
                host.Host.Kill();
                host.Restart();
            }

            await appender.AppendAsync(Key(i), Encoding.UTF8.GetBytes($"{i}"), s_limit);
        }

        await appender.FlushAsync(s_limit);

        List<int>[] read = await ReadAllAsync(queue);
        Assert.Equal(Messages, read.Sum(partition => partition.Count));
        for (int partition = 0; partition < read.Length; partition++)
        {
            Assert.All(read[partition], i => Assert.Equal(partition, PartitionedQueue.PartitionOf(Key(i).Span, read.Length)));
            Assert.All(read[partition].GroupBy(i => i % Keys), key => Assert.Equal(key.Order(), key));
        }
    }

    [Fact]
    public async Task A_local_program_reads_the_partitioned_queue_of_a_host()
    {
        await using ClientCase host = new();
        RemotePartitionedQueue queue = (await host.ConnectAsync()).PartitionedQueue(ClientCase.Keyed);
        (int partition, long position) = await queue.AppendAsync("EURUSD"u8.ToArray(), "buy 100"u8.ToArray(), s_limit);

        using PartitionedQueue local = PartitionedQueue.OpenReadOnly(Path.Combine(host.Data, "queues", ClientCase.Keyed));
        using PartitionedTailer tailer = local.CreateTailer();

        Assert.True(tailer.TryRead(out int number, out QueueMessage message));
        Assert.Equal((partition, position, "buy 100"), (number, message.Position, Encoding.UTF8.GetString(message.Payload)));
        Assert.Equal(local.PartitionOf("EURUSD"u8), partition);
    }

    [Fact]
    public async Task A_refusal_names_the_partitions_of_a_queue()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();

        EstreamClientException refused = await Assert.ThrowsAsync<EstreamClientException>(
            () => client.Queue(ClientCase.Keyed).GetInfoAsync(s_limit));

        Assert.Equal(ClientStatus.NotFound, refused.Status);
        Assert.Contains("'keyed.0000' to 'keyed.0007'", refused.Message, StringComparison.Ordinal);
    }

    private static ReadOnlyMemory<byte> Key(int message) => Encoding.UTF8.GetBytes($"key {message % Keys}");

    private static async Task<List<int>[]> ReadAllAsync(RemotePartitionedQueue queue)
    {
        List<int>[] read = [.. Enumerable.Range(0, await queue.GetPartitionCountAsync(s_limit)).Select(_ => new List<int>())];
        for (int partition = 0; partition < read.Length; partition++)
        {
            RemoteQueueInfo info = await queue.Partition(partition).GetInfoAsync(s_limit);
            await using MessageSubscription messages = await queue.Partition(partition).SubscribeAsync(cancellation: s_limit);
            IAsyncEnumerator<RemoteMessage> each = messages.GetAsyncEnumerator(s_limit);
            while (read[partition].Count < info.NextSequence && await each.MoveNextAsync())
            {
                read[partition].Add(int.Parse(Encoding.UTF8.GetString(each.Current.Payload.Span),
                    System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return read;
    }
}
