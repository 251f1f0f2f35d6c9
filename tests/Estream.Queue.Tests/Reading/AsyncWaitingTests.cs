using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Awaited tailers. As in <see cref="WaitingTests"/>, no reader polls.</summary>
public sealed class AsyncWaitingTests : QueueCase
{
    private static QueueOptions Waiting => Small with { LongestSleep = Timeout.InfiniteTimeSpan };

    [Theory]
    [InlineData(AppenderMode.Exclusive, false, false)]
    [InlineData(AppenderMode.Shared, false, false)]
    [InlineData(AppenderMode.Exclusive, true, false)]
    [InlineData(AppenderMode.Shared, false, true)]
    public async Task An_async_loop_gets_every_message_once_and_in_order(AppenderMode mode, bool isReadOnly, bool encrypted)
    {
        const int Messages = 5_000;
        QueueOptions options = Waiting with { Keys = SmallWith(encrypted).Keys };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        using EstreamQueue reader = isReadOnly
            ? EstreamQueue.OpenReadOnly(QueueDirectory, options)
            : EstreamQueue.Open(QueueDirectory, options);
        QueueTailer[] tailers = [reader.CreateTailer(), reader.CreateTailer(), reader.CreateTailer()];
        Task<long>[] loops = [.. tailers.Select(tailer => Task.Run(() => Follow(tailer, Messages)))];
        Random random = new(5);
        for (int i = 0; i < Messages; i++)
        {
            AppendUpTo(appender, appender.NextSequence + 1);
            if (random.Next(50) == 0)
            {
                await Task.Yield();
            }
        }

        foreach (Task<long> loop in loops)
        {
            Assert.Equal(Messages, await loop.WaitAsync(Eventually.DefaultLimit));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_entry_throws_after_its_tailer_moved(bool encrypted)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting with { Keys = SmallWith(encrypted).Keys });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        long position = appender.Append("first"u8);
        appender.Append("second"u8);
        using QueueTailer tailer = queue.CreateTailer();
        await using IAsyncEnumerator<QueueEntry> reading = tailer.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        QueueEntry first = reading.Current;
        Assert.Equal((position, 0L), (first.Position, first.Sequence));
        Assert.Equal("first"u8, first.Payload);
        Assert.Equal("first"u8.ToArray(), first.Memory.ToArray());
        Assert.InRange(first.Time, 1_600_000_000_000_000_000, long.MaxValue);
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal("second"u8, reading.Current.Payload);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => first.Payload.Length);
        Assert.Contains($"{position}", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => first.Memory.Length);
        Assert.Throws<InvalidOperationException>(() => default(QueueEntry).Payload.Length);
        ReadOnlyMemory<byte> kept = reading.Current.Memory;
        queue.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kept.Span.Length);
    }

    [Fact]
    public async Task Leaving_a_loop_leaves_the_tailer_after_the_last_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 10);
        using (QueueTailer tailer = queue.CreateTailer("name"))
        {
            await foreach (QueueEntry entry in tailer.ReadAllAsync())
            {
                if (entry.Sequence == 4)
                {
                    break;
                }
            }
        }

        // Message 4 is delivered again (at least once), because no reader has requested the message after it.
        using QueueTailer again = queue.CreateTailer("name");
        Assert.True(again.TryRead(out QueueMessage message));
        Assert.Equal(4, message.Sequence);
    }

    [Fact]
    public async Task An_async_wait_ends_at_its_timeout()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        using QueueTailer patient = queue.CreateTailer();
        Task<bool> longer = patient.WaitToReadAsync().AsTask();
        Eventually.True(() => queue.WaiterSignal.Sleeps > 0, "the listener sleeps for the patient one");
        Assert.False(await tailer.WaitToReadAsync(TimeSpan.FromMilliseconds(1)).AsTask().WaitAsync(Eventually.DefaultLimit));
        Assert.False(await tailer.WaitToReadAsync(TimeSpan.Zero));
        Assert.False(longer.IsCompleted);
        appender.Append("there"u8);
        Assert.True(await longer.WaitAsync(Eventually.DefaultLimit));
        Assert.True(await tailer.WaitToReadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_ends_a_loop_and_the_tailer_can_continue(bool isCancelledBefore)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        for (int round = 0; round < 20; round++)
        {
            using var outer = new CancellationTokenSource();
            using var inner = new CancellationTokenSource();
            CancellationTokenSource cancelled = round % 2 == 0 ? outer : inner;
            if (isCancelledBefore)
            {
                await cancelled.CancelAsync();
            }

            Task<long> loop = Task.Run(() => Follow(tailer, long.MaxValue, outer.Token, inner.Token));
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop.WaitAsync(Eventually.DefaultLimit));
        }

        appender.Append("there"u8);
        Assert.True(await tailer.WaitToReadAsync());
        Assert.True(tailer.TryRead(out _));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Closing_the_tailer_or_the_queue_ends_its_wait(bool isReadOnly, bool closesQueue)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using EstreamQueue reader = isReadOnly
            ? EstreamQueue.OpenReadOnly(QueueDirectory, Waiting)
            : EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueTailer tailer = reader.CreateTailer();
        using QueueTailer other = reader.CreateTailer();
        Task<bool> wait = tailer.WaitToReadAsync().AsTask();
        Task<bool> otherWait = other.WaitToReadAsync().AsTask();
        if (closesQueue)
        {
            reader.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => otherWait.WaitAsync(Eventually.DefaultLimit));
        }
        else
        {
            tailer.Dispose();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(Eventually.DefaultLimit));
        Assert.Throws<ObjectDisposedException>(() => tailer.ReadAllAsync());
        appender.Append("there"u8);
        if (!closesQueue)
        {
            Assert.True(await otherWait.WaitAsync(Eventually.DefaultLimit));
        }
    }

    [Fact]
    public async Task An_awaiting_reader_gets_the_corruption_error()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("whole"u8);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Task<bool> wait = tailer.WaitToReadAsync().AsTask();
        Eventually.True(() => queue.WaiterSignal.Sleeps > 0, "the listener sleeps");
        using (MemoryRegion segment = FileStorage.Instance.OpenRegion(SegmentFile(0), RegionAccess.ReadWrite))
        {
            segment.All.WriteInt32Release(256 + 24, 0x0FFF_FFFF);
        }

        queue.WaiterSignal.Notify();
        await Assert.ThrowsAsync<EstreamCorruptionException>(() => wait.WaitAsync(Eventually.DefaultLimit));
    }

    private static async Task<long> Follow(QueueTailer tailer, long messages, CancellationToken outer = default,
        CancellationToken inner = default)
    {
        long next = 0;
        await foreach (QueueEntry entry in tailer.ReadAllAsync(outer).WithCancellation(inner))
        {
            Assert.Equal(next, entry.Sequence);
            Assert.True(TestProcess.SeededMessage.Is(entry.Payload, next), $"message {next} differs");
            if (++next == messages)
            {
                break;
            }
        }

        return next;
    }
}
