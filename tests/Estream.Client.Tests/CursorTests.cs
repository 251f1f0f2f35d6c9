using System.Text;
using Estream.Client.Tests.Hosting;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: cursors that clients leave behind do not retain messages for ever, and an operator can remove them.</summary>
[Collection(HostCollection.Name)]
public sealed class CursorTests
{
    private const int MaxCursors = 256;

    // 2001-09-09, before the start of any host.
    private const long LongAgo = 1_000_000_000_000_000_000;

    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    [Fact]
    public async Task A_cursor_can_be_removed_when_no_subscription_uses_it()
    {
        await using ClientCase host = new();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        await queue.AppendBatchAsync([Bytes("a"), Bytes("b")]);
        await using (MessageSubscription messages = await queue.SubscribeAsync(new SubscribeOptions { Cursor = "billing" }, s_limit))
        {
            await messages.CommitAsync((await QueueTests.TakeAsync(messages, 2))[1], s_limit);
            EstreamClientException used = await Assert.ThrowsAsync<EstreamClientException>(() => queue.RemoveCursorAsync("billing"));
            Assert.Equal(ClientStatus.Conflict, used.Status);
        }

        EstreamClient viewer = await host.ConnectAsync(overTcp: true);
        EstreamClientException refused = await Assert.ThrowsAsync<EstreamClientException>(
            () => viewer.Queue(ClientCase.Queue).RemoveCursorAsync("billing"));
        Assert.Equal(ClientStatus.Forbidden, refused.Status);
        Assert.Contains("billing", Run("queue", "remove-cursor", "trades", "billing", "--host", $"unix:{host.Socket}").Output,
            StringComparison.Ordinal);
        Assert.False(await queue.RemoveCursorAsync("billing"));
        await using MessageSubscription again = await queue.SubscribeAsync(new SubscribeOptions { Cursor = "billing" }, s_limit);
        Assert.Equal("a", Encoding.UTF8.GetString((await QueueTests.TakeAsync(again, 1))[0].Payload.Span));
    }

    [Fact]
    public async Task A_queue_has_at_most_256_cursors_and_unused_ones_make_room()
    {
        await using ClientCase host = new();
        host.Host.Stop();
        using (EstreamQueue log = EstreamQueue.Open(Path.Combine(host.Data, "queues", ClientCase.Queue)))
        {
            for (int i = 0; i < MaxCursors; i++)
            {
                log.CreateTailer($"client-pod-{i}", TimeSpan.FromDays(7)).Dispose();
            }
        }

        host.Restart();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        EstreamClientException full = await Assert.ThrowsAsync<EstreamClientException>(() => queue.SubscribeAsync(Cursor("another")));
        Assert.Equal(ClientStatus.LimitExceeded, full.Status);
        Assert.Contains("remove-cursor", full.Message, StringComparison.Ordinal);
        await (await queue.SubscribeAsync(Cursor("pod-7"), s_limit)).DisposeAsync();

        // One of them was last used long ago.
        host.Host.Stop();
        SetUsedLongAgo(Path.Combine(host.Data, "queues", ClientCase.Queue), "client-pod-3");
        host.Restart();
        queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        await (await queue.SubscribeAsync(Cursor("another"), s_limit)).DisposeAsync();
        Assert.False(await queue.RemoveCursorAsync("pod-3"));
        Assert.True(await queue.RemoveCursorAsync("another"));
    }

    [Fact]
    public async Task Retention_passes_a_cursor_that_is_unused_for_longer_than_its_age()
    {
        await using ClientCase host = new();
        host.Host.Stop();
        host.ChangeSettings("\"SegmentBytes\": 1048576 },\n", "\"SegmentBytes\": 1048576, \"RetainedBytes\": 1048576 },\n");
        string directory = Path.Combine(host.Data, "queues", ClientCase.Queue);
        using (EstreamQueue log = EstreamQueue.Open(directory))
        {
            log.CreateTailer("client-gone", TimeSpan.FromDays(7)).Dispose();
            log.CreateTailer("client-old").Dispose();
        }

        SetUsedLongAgo(directory, "client-gone");
        host.Restart();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        await AppendSegmentsAsync(queue, 6);

        // An earlier release made the second cursor, without an age: it gets one at the start of the host.
        IReadOnlyList<TailerInfo> tailers = Tailers(directory);
        Assert.False(tailers.Single(tailer => tailer.Name == "client-gone").IsRetaining);
        Assert.NotNull(tailers.Single(tailer => tailer.Name == "client-old").RetainsUntil);
        Assert.Equal(0, (await queue.GetInfoAsync(s_limit)).FirstSequence);

        Assert.True(await queue.RemoveCursorAsync("old"));
        long first = 0;
        await Eventually.TrueAsync(async () =>
        {
            // Until its next look, the console's own reader may stand in the oldest segment.
            await AppendSegmentsAsync(queue, 1);
            return (first = (await queue.GetInfoAsync(s_limit)).FirstSequence) != 0;
        }, "retention deletes what no cursor keeps");

        // The client returns: it continues at the oldest message, which may have moved on meanwhile.
        await using MessageSubscription back = await queue.SubscribeAsync(Cursor("gone"), s_limit);
        RemoteMessage oldest = (await QueueTests.TakeAsync(back, 1))[0];
        Assert.InRange(oldest.Sequence, first, long.MaxValue);
        await back.CommitAsync(oldest, s_limit);
        Assert.True(Tailers(directory).Single(tailer => tailer.Name == "client-gone").IsRetaining);
    }

    private static IReadOnlyList<TailerInfo> Tailers(string directory)
    {
        using EstreamQueue log = EstreamQueue.OpenReadOnly(directory);
        return log.GetInfo().Tailers;
    }

    /// <summary>Changes the time of the last use in a cursor. A queue with another clock would leave its time in the queue, too.</summary>
    private static void SetUsedLongAgo(string directory, string tailer)
    {
        const int UsedAtOffset = 128;
        using FileStream cursor = File.OpenWrite(Path.Combine(directory, "tailers", tailer + ".cursor"));
        cursor.Position = UsedAtOffset;
        cursor.Write(BitConverter.GetBytes(LongAgo));
    }

    private static async Task AppendSegmentsAsync(RemoteQueue queue, int count)
    {
        await using RemoteAppender appender = queue.CreateAppender();
        for (int i = 0; i < count * 16; i++)
        {
            await appender.AppendAsync(new byte[64 << 10], s_limit);
        }

        await appender.FlushAsync(s_limit);
    }

    private static SubscribeOptions Cursor(string name) => new() { Cursor = name };

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static ProcessResult Run(params string[] arguments)
    {
        using ChildProcess command = ChildProcess.StartDotnet(BuiltProgram.Cli, arguments);
        return command.WaitForExit();
    }
}
