using System.Text;
using Estream.Client.Tests.Hosting;

namespace Estream.Client.Tests;

/// <summary>Goal: a client of another process appends to and reads queues of a real host.</summary>
[Collection(HostCollection.Name)]
public sealed class QueueTests
{
    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    [Theory]
    [InlineData("PageCache")]
    [InlineData("GroupCommit")]
    public async Task Appended_messages_are_read_in_order_over_both_transports(string durability)
    {
        await using ClientCase host = new(durability: durability);
        EstreamClient client = await host.ConnectAsync();
        EstreamClient reader = await host.ConnectAsync(overTcp: true);
        RemoteQueue queue = client.Queue(ClientCase.Queue);

        await using (RemoteAppender appender = queue.CreateAppender())
        {
            for (int i = 0; i < 20_000; i++)
            {
                await appender.AppendAsync(Bytes($"message {i}"), s_limit);
            }

            Assert.True(await appender.FlushAsync(s_limit) > 0);
            Assert.Equal(20_000, appender.Acknowledged);
        }

        long position = await queue.AppendAsync(Bytes("last"), s_limit);
        RemoteQueueInfo info = await reader.Queue(ClientCase.Queue).GetInfoAsync(s_limit);
        Assert.Equal(20_001, info.NextSequence);
        Assert.False(info.IsWritable);

        await using MessageSubscription all = await reader.Queue(ClientCase.Queue).SubscribeAsync(cancellation: s_limit);
        List<RemoteMessage> read = await TakeAsync(all, 20_001);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"message {i}").Append("last"), read.Select(TextOf));
        Assert.Equal(position, read[^1].Position);
        Assert.Equal(Enumerable.Range(0, 20_001).Select(i => (long)i), read.Select(message => message.Sequence));
    }

    [Fact]
    public async Task A_subscription_begins_where_it_is_asked_to()
    {
        await using ClientCase host = new();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        long[] at = [await queue.AppendAsync(Bytes("a")), await queue.AppendAsync(Bytes("b")), await queue.AppendAsync(Bytes("c"))];

        Assert.Equal("b", await FirstAsync(queue, SubscribeStart.At(at[1])));
        Assert.Equal("c", await FirstAsync(queue, SubscribeStart.After(at[1])));
        Assert.Equal("c", await FirstAsync(queue, SubscribeStart.AtSequence(2)));
        Assert.Equal("a", await FirstAsync(queue, SubscribeStart.AtTime(0)));

        await using MessageSubscription next = await queue.SubscribeAsync(new SubscribeOptions { From = SubscribeStart.Next }, s_limit);
        await queue.AppendAsync(Bytes("d"));
        Assert.Equal("d", TextOf((await TakeAsync(next, 1))[0]));

        EstreamClientException wrong = await Assert.ThrowsAsync<EstreamClientException>(
            () => FirstAsync(queue, SubscribeStart.At(at[1] + 1)));
        Assert.Equal(ClientStatus.Invalid, wrong.Status);
    }

    [Fact]
    public async Task A_cursor_continues_after_the_committed_message_and_is_taken_over()
    {
        await using ClientCase host = new();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        await queue.AppendBatchAsync([Bytes("a"), Bytes("b"), Bytes("c")]);
        SubscribeOptions billing = new() { Cursor = "billing" };

        MessageSubscription first = await queue.SubscribeAsync(billing, s_limit);
        List<RemoteMessage> read = await TakeAsync(first, 3);
        await first.CommitAsync(read[0], s_limit);

        // The second subscription takes the cursor over from the first, as after a lost connection.
        await using MessageSubscription second = await queue.SubscribeAsync(billing, s_limit);
        Assert.Equal(["b", "c"], (await TakeAsync(second, 2)).Select(TextOf));
        EstreamClientException ended = await Assert.ThrowsAsync<EstreamClientException>(() => TakeAsync(first, 1));
        Assert.Equal(ClientStatus.TakenOver, ended.Status);
        await Assert.ThrowsAsync<EstreamClientException>(() => first.CommitAsync(read[2], s_limit));
        await second.CommitAsync(read[2], s_limit);

        host.Host.Stop();
        host.Restart();
        await queue.AppendAsync(Bytes("d"));
        await using MessageSubscription third = await (await host.ConnectAsync()).Queue(ClientCase.Queue).SubscribeAsync(billing, s_limit);
        Assert.Equal("d", TextOf((await TakeAsync(third, 1))[0]));
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_does_not_stop_other_requests()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync(new EstreamClientOptions { SubscriptionBytes = 64 << 10 });
        RemoteQueue queue = client.Queue(ClientCase.Queue);
        await using MessageSubscription slow = await queue.SubscribeAsync(cancellation: s_limit);
        await using (RemoteAppender appender = queue.CreateAppender())
        {
            for (int i = 0; i < 5_000; i++)
            {
                await appender.AppendAsync(new byte[1000], s_limit);
            }
        }

        await client.Map(ClientCase.Map).PutAsync("key", Bytes("value"));
        Assert.Equal("value", Encoding.UTF8.GetString((await client.Map(ClientCase.Map).GetAsync("key"))!.Value.Value.Span));
        Assert.Equal(5_000, (await TakeAsync(slow, 5_000)).Count);
    }

    [Fact]
    public async Task Wrong_requests_are_refused_and_the_connection_goes_on()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();

        Assert.Equal(ClientStatus.NotFound, await StatusOf(() => client.Queue("nope").AppendAsync(Bytes("a"))));
        Assert.Equal(ClientStatus.NotFound, await StatusOf(() => client.Queue("nope").SubscribeAsync()));
        Assert.Equal(ClientStatus.NotFound, await StatusOf(() => client.Map("nope").GetAsync("a").AsTask()));
        Assert.Equal(ClientStatus.Forbidden, await StatusOf(() => client.Map("latest").PutAsync("a", Bytes("b")).AsTask()));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() =>
            client.Queue(ClientCase.Queue).SubscribeAsync(new SubscribeOptions { Cursor = "a/b" })));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() =>
            client.Queue("telemetry").SubscribeAsync(new SubscribeOptions { Schema = "IoTTelemetry", Filter = "nothing > 1" })));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Queue(ClientCase.Queue).AppendAsync(new byte[2 << 20]));
        Assert.True(await client.Queue(ClientCase.Queue).AppendAsync(Bytes("a")) > 0);
    }

    internal static async Task<ClientStatus> StatusOf(Func<Task> request) =>
        (await Assert.ThrowsAsync<EstreamClientException>(request)).Status;

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static string TextOf(RemoteMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    internal static async Task<List<RemoteMessage>> TakeAsync(MessageSubscription subscription, int count)
    {
        List<RemoteMessage> read = [];
        await foreach (RemoteMessage message in subscription.WithCancellation(s_limit))
        {
            read.Add(message);
            if (read.Count == count)
            {
                break;
            }
        }

        return read;
    }

    private static async Task<string> FirstAsync(RemoteQueue queue, SubscribeStart start)
    {
        await using MessageSubscription subscription = await queue.SubscribeAsync(new SubscribeOptions { From = start }, s_limit);
        return TextOf((await TakeAsync(subscription, 1))[0]);
    }
}
