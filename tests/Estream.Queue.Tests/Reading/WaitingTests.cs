using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Tailers that wait until they are woken. They do not poll in these tests, so a lost wake-up makes a test hang instead of only
/// slow.</summary>
public sealed class WaitingTests : QueueCase
{
    private static QueueOptions Waiting => Small with { LongestSleep = Timeout.InfiniteTimeSpan, Idle = IdleStrategy.Sleep() };

    public static TheoryData<AppenderMode, string, bool> Ways
    {
        get
        {
            var ways = new TheoryData<AppenderMode, string, bool>();
            foreach (AppenderMode mode in Enum.GetValues<AppenderMode>())
            {
                foreach (string way in new[] { "append", "claim", "batch", "fill" })
                {
                    ways.Add(mode, way, false);
                    ways.Add(mode, way, true);
                }
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_kind_of_commit_wakes_all_waiters(AppenderMode mode, string way, bool encrypted)
    {
        QueueOptions options = Waiting with { Keys = SmallWith(encrypted).Keys };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        using QueueTailer first = queue.CreateTailer();
        using QueueTailer second = other.CreateTailer("named");
        for (int round = 0; round < 5; round++)
        {
            Task<string> inProcess = Sleeper(queue, first);
            Task<string> elsewhere = Sleeper(other, second);
            Show(appender, way);
            Assert.Equal("shown", await inProcess.WaitAsync(Eventually.DefaultLimit));
            Assert.Equal("shown", await elsewhere.WaitAsync(Eventually.DefaultLimit));
            _ = ReadAll(first) + ReadAll(second);
        }

        Assert.Equal(0, queue.WaiterSignal.Overslept + other.WaiterSignal.Overslept);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public async Task A_waiter_on_a_queue_without_a_segment_gets_the_first_message(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueTailer tailer = queue.CreateTailer();
        using (queue.CreateAppender(AppenderMode.Exclusive))
        {
            // The appender upgrades the queue to format version 2. With version 1 the tailer would poll every millisecond.
        }

        Task<string> sleeper = Sleeper(queue, tailer);
        using QueueAppender appender = queue.CreateAppender(mode);
        appender.Append("shown"u8);
        Assert.Equal("shown", await sleeper.WaitAsync(Eventually.DefaultLimit));
    }

    [Fact]
    public void A_tailer_that_has_waited_for_a_second_checks_more_rarely()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal((20_000_000, 200_000_000), (tailer.LongestSleepNanos(999_999_999), tailer.LongestSleepNanos(1_000_000_000)));
        Assert.Equal((200_000_000, 1_000_000_000), (tailer.LongestSleepNanos(9_999_999_999), tailer.LongestSleepNanos(10_000_000_000)));
    }

    [Fact]
    public async Task An_abort_lets_waiters_go_on_to_the_next_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender slow = queue.CreateAppender();
        using QueueAppender quick = queue.CreateAppender();
        using QueueTailer tailer = queue.CreateTailer();
        AppendClaim claim = slow.Claim(100);
        quick.Append("shown"u8);
        Assert.False(tailer.TryRead(out _));
        claim.Dispose();
        Task<string> sleeper = Sleeper(queue, tailer, mayBeThere: true);
        Assert.Equal("shown", await sleeper.WaitAsync(Eventually.DefaultLimit));
    }

    /// <summary>The maintenance thread of the living writer reclaims the slot of the dead one and wakes the readers.</summary>
    [Fact]
    public async Task A_waiter_passes_a_writer_killed_before_the_next_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender living = queue.CreateAppender();
        using QueueTailer tailer = queue.CreateTailer();
        using ChildProcess dying = StartOther("claim", QueueDirectory);
        dying.WaitForText("claimed");
        living.Append("shown"u8);
        Task<string> sleeper = Sleeper(queue, tailer, mayBeThere: true);
        dying.Kill();
        Assert.Equal("shown", await sleeper.WaitAsync(Eventually.DefaultLimit));
    }

    [Fact]
    public void A_wait_ends_at_its_timeout_and_a_zero_timeout_returns_at_once()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.False(tailer.TryRead(out _, TimeSpan.Zero));
        Assert.Equal(0, queue.WaiterSignal.Sleeps);
        Assert.False(tailer.TryRead(out _, TimeSpan.FromMilliseconds(1)));
        Assert.False(tailer.WaitToRead(TimeSpan.FromTicks(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => tailer.WaitToRead(TimeSpan.FromSeconds(-2)));
        appender.Append("there"u8);
        Assert.True(tailer.WaitToRead(TimeSpan.Zero));
        Assert.True(tailer.WaitToRead(TimeSpan.MaxValue));
        Assert.True(tailer.TryRead(out QueueMessage message, Timeout.InfiniteTimeSpan));
        Assert.Equal("there"u8, message.Payload);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_ends_a_wait_and_the_tailer_can_continue(bool isReadOnly)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using EstreamQueue reader = isReadOnly
            ? EstreamQueue.OpenReadOnly(QueueDirectory, Waiting)
            : EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueTailer tailer = reader.CreateTailer();
        using var cancellation = new CancellationTokenSource();
        Task<bool> waiting = OnThread(() => tailer.WaitToRead(Timeout.InfiniteTimeSpan, cancellation.Token));
        Eventually.True(() => reader.Waits.Blocked == 1, "it waits");
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting.WaitAsync(Eventually.DefaultLimit));
        appender.Append("there"u8);
        Assert.True(tailer.TryRead(out _, Timeout.InfiniteTimeSpan, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_the_queue_ends_every_wait_before_its_memory_is_released(bool isReadOnly)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("read"u8);
        EstreamQueue reader = isReadOnly ? EstreamQueue.OpenReadOnly(QueueDirectory, Waiting) : EstreamQueue.Open(QueueDirectory, Waiting);
        Task<bool>[] waits = [.. Enumerable.Range(0, 3).Select(i => OnThread(() =>
        {
            QueueTailer tailer = reader.CreateTailer();
            return tailer.TryRead(out _) && tailer.WaitToRead(Timeout.InfiniteTimeSpan);
        }))];
        Eventually.True(() => reader.Waits.Blocked == waits.Length, "they wait");
        reader.Dispose();
        foreach (Task<bool> wait in waits)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(Eventually.DefaultLimit));
        }
    }

    /// <summary>The queue was created by a release that wakes no readers, so the tailer must not rely on wake-ups.</summary>
    [Fact]
    public void A_waiter_polls_when_the_writer_uses_the_first_format()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        Overwrite(InQueue("queue.meta"), 8, 1);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(1_000_000, tailer.LongestSleepNanos(0));
        queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        Assert.True(tailer.LongestSleepNanos(0) > 1_000_000_000);
    }

    [Fact]
    public async Task A_busy_tailer_never_sleeps()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        tailer.Idle = IdleStrategy.BusySpin;
        Task<string> waiting = OnThread(() => Read(tailer));
        appender.Append("shown"u8);
        Assert.Equal("shown", await waiting.WaitAsync(Eventually.DefaultLimit));
        Assert.Equal(0, queue.WaiterSignal.Sleeps);
    }

    [Fact]
    public void A_named_tailer_counts_a_message_as_consumed_when_it_waits_for_the_next()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Waiting);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("first"u8);
        appender.Append("second"u8);
        using (QueueTailer tailer = queue.CreateTailer("name"))
        {
            Assert.True(tailer.TryRead(out _));
            Assert.True(tailer.WaitToRead(TimeSpan.Zero));
        }

        using QueueTailer again = queue.CreateTailer("name");
        Assert.Equal("second", Read(again));
    }

    private static string Read(QueueTailer tailer) =>
        tailer.TryRead(out QueueMessage message, Timeout.InfiniteTimeSpan)
            ? System.Text.Encoding.ASCII.GetString(message.Payload)
            : "nothing";

    // Returns when the reader waits or is about to wait: any later event must reach the reader.
    private static Task<string> Sleeper(EstreamQueue queue, QueueTailer tailer, bool mayBeThere = false)
    {
        long before = queue.WaiterSignal.Sleeps;
        Task<string> sleeper = OnThread(() => Read(tailer));
        Eventually.True(() => queue.WaiterSignal.Sleeps > before || (mayBeThere && sleeper.IsCompleted), "the tailer sleeps");
        return sleeper;
    }

    private static Task<T> OnThread<T>(Func<T> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static long ReadAll(QueueTailer tailer)
    {
        long count = 0;
        while (tailer.TryRead(out _))
        {
            count++;
        }

        return count;
    }

    private static void Show(QueueAppender appender, string way)
    {
        switch (way)
        {
            case "append":
                appender.Append("shown"u8);
                break;
            case "claim":
                using (AppendClaim claim = appender.Claim(100))
                {
                    "shown"u8.CopyTo(claim.Span);
                    claim.Commit(5);
                }

                break;
            case "batch":
                appender.AppendBatch("shownnot seen"u8, [5, 8]);
                break;
            default:
                // Ends the segment: the waiter is in one segment, the message in the next.
                appender.Append("shown"u8);
                appender.Append(new byte[40_000]);
                break;
        }
    }
}
