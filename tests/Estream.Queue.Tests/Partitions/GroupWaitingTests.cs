using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests.Partitions;

/// <summary>Waits of group members. The longest sleep has no limit, so no member polls, and a lost wake-up fails the test.</summary>
public sealed class GroupWaitingTests : QueueCase
{
    private const int Count = 6;
    private const int MaxSignals = 128;

    private static QueueOptions Waiting => Small with { LongestSleep = Timeout.InfiniteTimeSpan };

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_appender_of_any_queue_object_wakes_a_member(bool isBlocking, bool isElsewhere)
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        using PartitionedQueue elsewhere = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        using PartitionedAppender appender = (isElsewhere ? elsewhere : queue).CreateAppender(AppenderMode.Exclusive);
        using GroupMember member = queue.JoinGroup("group");
        for (int partition = 0; partition < Count; partition++)
        {
            Task<int> read = Next(member, isBlocking);
            AwaitSleep(queue, partition);
            Assert.False(read.IsCompleted);
            appender.Of(partition).Append("there"u8);
            Assert.Equal(partition, await read.WaitAsync(Eventually.DefaultLimit));
        }

        Assert.Equal(0, queue.Waits.Overslept);
    }

    [Fact]
    public async Task A_member_that_begins_to_wait_while_another_member_waits_is_woken()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using GroupMember first = queue.JoinGroup("group"), second = queue.JoinGroup("group");
        for (int round = 0; round < 2; round++)
        {
            // Longer than the 50 ms after which a member notices the other member. Afterwards, no time limits their sleep.
            Assert.False(first.TryNext(out _, out _, TimeSpan.FromMilliseconds(60)));
            Assert.False(second.TryNext(out _, out _, TimeSpan.FromMilliseconds(60)));
        }

        Task<int> one = Next(first, isBlocking: false);
        AwaitSleep(queue, first.Partitions[0]);
        Task<int> two = Next(second, isBlocking: false);
        int last = second.Partitions[^1];
        appender.Of(last).Append("there"u8);
        Assert.Equal(last, await two.WaitAsync(Eventually.DefaultLimit));
        Assert.False(one.IsCompleted);
        appender.Of(first.Partitions[0]).Append("there"u8);
        Assert.Equal(first.Partitions[0], await one.WaitAsync(Eventually.DefaultLimit));
    }

    [Fact]
    public async Task A_process_that_appends_wakes_a_member()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        using GroupMember member = queue.JoinGroup("group");
        Task<int> read = Next(member, isBlocking: false);
        AwaitSleep(queue, 4);
        using ChildProcess writer = StartOther("bursts", queue.DirectoryOf(4), "1", $"{AppenderMode.Exclusive}");
        Assert.Equal(4, await read.WaitAsync(Eventually.DefaultLimit));
        writer.Kill();
    }

    [Fact]
    public async Task Members_that_join_and_leave_wake_members_that_wait()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Waiting);
        using PartitionedQueue elsewhere = PartitionedQueue.Open(QueueDirectory, 2, Waiting);
        using GroupMember first = queue.JoinGroup("group"), stranger = queue.JoinGroup("other");
        using CancellationTokenSource end = new();
        Task<int> one = Next(first, isBlocking: false), aside = Next(stranger, isBlocking: true, end.Token);
        AwaitSleep(queue, 0);
        GroupMember second = elsewhere.JoinGroup("group");
        using CancellationTokenSource leaves = new();
        Task two = second.WaitToReadAsync(leaves.Token).AsTask();
        Eventually.True(() => Epochs(queue).Sum() == 3, "one of the two partitions has a second reader");
        int moved = Array.FindIndex(Epochs(queue), epoch => epoch == 2);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two.WaitAsync(Eventually.DefaultLimit));
        second.Dispose();
        Eventually.True(() => Epochs(queue)[moved] == 3, "the first member has the partition again");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => aside.WaitAsync(Eventually.DefaultLimit));
        using PartitionedAppender appender = queue.CreateAppender();
        appender.Of(moved).Append("there"u8);
        Assert.Equal(moved, await one.WaitAsync(Eventually.DefaultLimit));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_ends_a_wait_and_the_member_can_continue(bool isBlocking)
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        using PartitionedAppender appender = queue.CreateAppender();
        using GroupMember member = queue.JoinGroup("group"), other = queue.JoinGroup("group");
        for (int round = 0; round < 20; round++)
        {
            using CancellationTokenSource cancelled = new();
            Task<int> read = Next(member, isBlocking, cancelled.Token);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Eventually.DefaultLimit));
        }

        Assert.Equal(0, queue.Waits.Pending);
        Task<int> next = Next(member, isBlocking);
        for (int partition = 0; partition < Count; partition++)
        {
            appender.Of(partition).Append("there"u8);
        }

        Assert.InRange(await next.WaitAsync(Eventually.DefaultLimit), 0, Count - 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_the_queue_ends_the_waits_of_its_members(bool isBlocking)
    {
        PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        GroupMember[] members = [queue.JoinGroup("a"), queue.JoinGroup("b")];
        Task<int>[] reads = [.. members.Select(member => Next(member, isBlocking))];
        AwaitSleep(queue, 0);
        queue.Dispose();
        foreach (Task<int> read in reads)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(Eventually.DefaultLimit));
        }

        Assert.Throws<ObjectDisposedException>(() => members[0].TryNext(out _, out _, TimeSpan.Zero));
        Array.ForEach(members, member => member.Dispose());
    }

    [Fact]
    public void A_blocking_wait_ends_at_its_timeout()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        using GroupMember member = queue.JoinGroup("group");

        // On a busy machine, a short timeout can end before the member sleeps.
        for (TimeSpan timeout = TimeSpan.FromMilliseconds(30); queue.Waits.Overslept == 0; timeout *= 2)
        {
            Assert.True(timeout < Eventually.DefaultLimit, "no wait slept until its timeout");
            Assert.False(member.TryNext(out int partition, out QueueTailer? tailer, timeout));
            Assert.Equal((-1, null), (partition, tailer));
        }

        Assert.InRange(queue.Waits.Overslept, 1, queue.Waits.Sleeps);
    }

    /// <summary>The kernel wakes a thread for at most 128 signals; the thread polls the others.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_member_of_more_partitions_than_the_kernel_supports_gets_every_message(bool isBlocking)
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, MaxSignals + 2, Waiting);
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using GroupMember member = queue.JoinGroup("group");
        foreach (int partition in new[] { 0, MaxSignals - 3, MaxSignals, MaxSignals + 1 })
        {
            Task<int> read = Next(member, isBlocking);
            AwaitSleep(queue, partition);
            appender.Of(partition).Append("there"u8);
            Assert.Equal(partition, await read.WaitAsync(Eventually.DefaultLimit));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_wake_up_is_lost_while_many_members_wait(bool isBlocking)
    {
        int messages = LongRun.Count(4_000, 200_000);
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Waiting);
        GroupMember[] members = [.. Enumerable.Range(0, Count).Select(i => queue.JoinGroup(i < 3 ? "a" : "b"))];
        using CancellationTokenSource end = new();
        long[] read = new long[2];
        Task[] loops = [.. members.Select((member, i) => Task.Factory.StartNew(() => Follow(member, i / 3), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap())];
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Random random = new(6);
        for (int i = 0; i < messages; i++)
        {
            appender.Of(random.Next(Count)).Append("there"u8);
            if (i % 20 == 0)
            {
                Eventually.True(() => Volatile.Read(ref read[0]) == i + 1 && Volatile.Read(ref read[1]) == i + 1,
                    $"both groups have read message {i}");
            }
        }

        Eventually.True(() => read.All(count => count == messages), "both groups have read all messages");
        await end.CancelAsync();
        await Task.WhenAll(loops).WaitAsync(Eventually.DefaultLimit);
        Array.ForEach(members, member => member.Dispose());

        async Task Follow(GroupMember member, int group)
        {
            try
            {
                while (true)
                {
                    _ = await Next(member, isBlocking, end.Token);
                    Interlocked.Increment(ref read[group]);
                }
            }
            catch (OperationCanceledException)
            {
                // The end of the test.
            }
        }
    }

    /// <summary>Otherwise, a cancelled wait would end only after the scan of a large output.</summary>
    [Fact]
    public async Task A_cancelled_wait_does_not_scan_the_output()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Waiting);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender results = output.CreateAppender();
        AppendUpTo(results, 10);
        using PartitionedAppender appender = queue.CreateAppender();
        appender.Of(0).Append("there"u8);
        using GroupMember member = queue.JoinGroup("group", output);
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await member.WaitToReadAsync(cancelled.Token));
        Assert.Empty(member.Partitions);
        Assert.Equal(0, await Next(member, isBlocking: false).WaitAsync(Eventually.DefaultLimit));
    }

    // Reads a message, and returns its partition.
    private static Task<int> Next(GroupMember member, bool isBlocking, CancellationToken cancellation = default)
    {
        return isBlocking
            ? Task.Factory.StartNew(Block, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : Await();

        int Block()
        {
            bool isThere = member.TryNext(out int partition, out QueueTailer? tailer, Timeout.InfiniteTimeSpan, cancellation);
            Assert.True(isThere && tailer!.TryRead(out _));
            return partition;
        }

        async Task<int> Await()
        {
            int partition;
            QueueTailer? tailer;
            do
            {
                await member.WaitToReadAsync(cancellation);
            }
            while (!member.TryNext(out partition, out tailer));
            Assert.True(tailer.TryRead(out _));
            return partition;
        }
    }

    private static void AwaitSleep(PartitionedQueue queue, int partition)
    {
        Eventually.True(() => queue.Partition(partition).WaiterSignal.Flag.IsUp && queue.Waits.Sleeps > 0, "the member sleeps");
    }

    private static long[] Epochs(PartitionedQueue queue) =>
        [.. queue.GetGroups().Single(group => group.Name == "group").Partitions.Select(partition => partition.Epoch)];
}
