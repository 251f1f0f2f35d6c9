using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests.Partitions;

/// <summary>Tests consumer groups in one process: sharing, hand-over and fencing of the partitions.</summary>
public sealed class GroupTests : QueueCase
{
    private const int Count = 8;
    private const int Messages = 400;

    // Where the entries of the partitions begin in group.meta.
    private const int EntriesOffset = 36_864;

    private readonly ManualClock _clock = new();

    private QueueOptions Options => Small with { Clock = _clock };

    [Fact]
    public void Members_share_the_partitions_evenly_when_they_join_and_leave()
    {
        using PartitionedQueue queue = Filled();
        using GroupMember first = queue.JoinGroup("group");
        Balance(first);
        Assert.Equal(Count, first.Partitions.Count);
        using GroupMember second = queue.JoinGroup("group");
        Balance(second);
        Assert.Empty(second.Partitions);
        Balance(first, second);
        AssertShared([4, 4], first, second);
        using (GroupMember third = queue.JoinGroup("group"))
        {
            Balance(first, second, third, first, second, third);
            AssertShared([2, 3, 3], first, second, third);
        }

        Balance(first, second);
        AssertShared([4, 4], first, second);
        second.Dispose();
        Balance(first);
        AssertShared([8], first);
    }

    [Fact]
    public void Members_beyond_the_number_of_partitions_wait()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Options);
        GroupMember[] members = [.. Enumerable.Range(0, 4).Select(_ => queue.JoinGroup("group"))];
        Balance([.. members, .. members]);
        Assert.Equal(2, members.Sum(member => member.Partitions.Count));
        Assert.All(members, member => Assert.InRange(member.Partitions.Count, 0, 1));
        Array.ForEach(members, member => member.Dispose());
    }

    [Fact]
    public void Group_has_at_most_256_members()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        GroupMember[] members = [.. Enumerable.Range(0, WriterSlots.SlotCount).Select(_ => queue.JoinGroup("group"))];
        EstreamLeaseException refused = Assert.Throws<EstreamLeaseException>(() => queue.JoinGroup("group"));
        Assert.Contains("has 256 members", refused.Message, StringComparison.Ordinal);
        using (queue.JoinGroup("create.lock"))
        {
            members[7].Dispose();
            queue.JoinGroup("group").Dispose();
        }

        Array.ForEach(members, member => member.Dispose());
    }

    [Fact]
    public void Partitions_do_not_move_while_the_members_stay_the_same()
    {
        using PartitionedQueue queue = Filled();
        using GroupMember first = queue.JoinGroup("group"), second = queue.JoinGroup("group");
        Balance(first, second, first, second);
        long[] before = [.. queue.GetGroups().Single().Partitions.Select(partition => partition.Epoch)];
        for (int i = 0; i < 10; i++)
        {
            Balance(first, second);
        }

        Assert.Equal(before, queue.GetGroups().Single().Partitions.Select(partition => partition.Epoch));
        Assert.All(queue.GetGroups().Single().Partitions, partition => Assert.Equal(Environment.ProcessId, partition.ProcessId));
    }

    [Fact]
    public void Handed_over_partitions_continue_after_the_last_message_without_loss_or_repetition()
    {
        using PartitionedQueue queue = Filled();
        HashSet<(int, long)> seen = [];
        GroupMember[] members = [queue.JoinGroup("group")];
        for (int round = 0; seen.Count < Messages && round < 10_000; round++)
        {
            foreach (GroupMember member in members)
            {
                _clock.Pass(TimeSpan.FromMilliseconds(20));
                if (member.TryNext(out int partition, out QueueTailer? tailer) && tailer.TryRead(out QueueMessage message))
                {
                    Assert.True(seen.Add((partition, message.Sequence)), $"message {message.Sequence} of partition {partition} twice");
                }
            }

            if (round % 7 == 0 && members.Length < 5)
            {
                members = [.. members, queue.JoinGroup("group")];
            }
            else if (round % 13 == 0 && members.Length > 1)
            {
                // The message read last counts as consumed at the next call.
                _ = members[0].TryNext(out _, out _);
                members[0].Dispose();
                members = members[1..];
            }
        }

        Assert.Equal(Messages, seen.Count);
        Array.ForEach(members, member => member.Dispose());
    }

    [Fact]
    public void A_message_in_progress_is_delivered_again_when_its_member_leaves()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        Fill(queue, 3);
        using (GroupMember first = queue.JoinGroup("group"))
        {
            Assert.Equal(0, ReadOne(first));
            Assert.Equal(1, ReadOne(first));
        }

        using GroupMember second = queue.JoinGroup("group");
        Assert.Equal(1, ReadOne(second));
    }

    [Fact]
    public void Messages_read_since_the_last_TryNext_do_not_count_as_consumed()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        Fill(queue, 5);
        using (GroupMember first = queue.JoinGroup("group"))
        {
            Assert.Equal(0, ReadOne(first));
            Assert.True(first.TryNext(out _, out QueueTailer? tailer));
            for (int sequence = 1; sequence <= 3; sequence++)
            {
                Assert.True(tailer.TryRead(out QueueMessage message));
                Assert.Equal(sequence, message.Sequence);
            }

            // After a crash at this point, the next reader starts at this position.
            Assert.Equal(1, queue.Partition(0).GetInfo().Tailers.Single().Sequence);
        }

        using GroupMember second = queue.JoinGroup("group");
        Assert.Equal(1, ReadOne(second));
    }

    [Fact]
    public void A_reader_that_has_lost_its_partition_commits_nothing()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender();
        Fill(queue, 5);
        GroupMember first = queue.JoinGroup("group", output);
        Assert.True(first.TryNext(out _, out QueueTailer? tailer));
        using (BatchClaim late = appender.ClaimBatch(100, 5, tailer))
        {
            Assert.True(tailer.TryRead(out _));
            late.Append("late"u8);
            first.Dispose();
            InvalidOperationException? refused = null;
            try
            {
                late.Commit();
            }
            catch (InvalidOperationException error)
            {
                refused = error;
            }

            Assert.NotNull(refused);
        }

        using GroupMember second = queue.JoinGroup("group", output);
        Assert.True(second.TryNext(out _, out QueueTailer? next));
        Assert.True(next.TryRead(out QueueMessage message));
        Assert.Equal(0, message.Sequence);
        Assert.Empty(Texts(output));
        Assert.Throws<ObjectDisposedException>(() => first.TryNext(out _, out _));
    }

    [Fact]
    public void A_reader_of_an_earlier_epoch_commits_nothing()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender();
        Fill(queue, 5);
        using GroupMember member = queue.JoinGroup("group", output), plain = queue.JoinGroup("plain");
        Assert.Equal(0, ReadOne(plain));
        Assert.True(member.TryNext(out _, out QueueTailer? tailer));
        Assert.True(tailer.TryRead(out _));

        // As a process does whose locks are not visible here, for example because their files were deleted.
        BeginEpoch("group");
        BeginEpoch("plain");
        EstreamLeaseException? refused = null;
        using (BatchClaim late = appender.ClaimBatch(100, 5, tailer))
        {
            late.Append("late"u8);
            try
            {
                late.Commit();
            }
            catch (EstreamLeaseException error)
            {
                refused = error;
            }
        }

        Assert.Contains("epoch 2 has begun", refused?.Message, StringComparison.Ordinal);
        Assert.Throws<EstreamLeaseException>(() => tailer.Commit());
        Assert.Throws<EstreamLeaseException>(() => plain.TryNext(out _, out _));
        Assert.Empty(Texts(output));
        Assert.All(queue.Partition(0).GetInfo().Tailers, known => Assert.Equal(0, known.Sequence));
    }

    [Fact]
    public void Messages_of_an_abandoned_batch_are_read_again()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        using QueueAppender appender = output.CreateAppender();
        Fill(queue, 5);
        using GroupMember member = queue.JoinGroup("group", output);
        Assert.Equal(0, ReadOne(member));
        Assert.Equal(0, ReadOne(member));
        Assert.True(member.TryNext(out _, out QueueTailer? tailer));
        using (BatchClaim batch = appender.ClaimBatch(100, 5, tailer))
        {
            Assert.True(tailer.TryRead(out _));
            batch.Append("0"u8);
            batch.Commit();
        }

        Assert.Equal(1, ReadOne(member));
        Assert.Equal(["0"], Texts(output));
    }

    [Fact]
    public async Task A_member_waits_for_a_message()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Small);
        using GroupMember member = queue.JoinGroup("group");
        Assert.False(member.TryNext(out _, out _, TimeSpan.Zero));
        Task<int> read = Task.Run(() => member.TryNext(out int partition, out _, TimeSpan.FromMinutes(1)) ? partition : -1);
        using PartitionedAppender appender = queue.CreateAppender();
        appender.Of(1).Append("late"u8);
        Assert.Equal(1, await read);
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        _ = member.TryNext(out _, out QueueTailer? tailer) && tailer.TryRead(out _);
        Assert.Throws<OperationCanceledException>(() => member.TryNext(out _, out _, Timeout.InfiniteTimeSpan, cancelled.Token));
    }

    [Fact]
    public async Task A_member_waits_for_a_message_without_a_thread()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Small);
        using GroupMember first = queue.JoinGroup("group");
        using CancellationTokenSource cancelled = new();
        Task idle = first.WaitToReadAsync(cancelled.Token).AsTask();
        Assert.False(idle.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => idle);

        // While a member waits, it hands its share over to another member.
        Task waiting = first.WaitToReadAsync().AsTask();
        using GroupMember second = queue.JoinGroup("group");
        Task other = second.WaitToReadAsync().AsTask();
        Eventually.True(
            () => queue.GetGroups().Single().Partitions is var taken && taken.Sum(partition => partition.Epoch) == 3
                && taken.All(partition => partition.ProcessId == Environment.ProcessId),
            "one of the two partitions has a second reader");
        using PartitionedAppender appender = queue.CreateAppender();
        appender.Of(0).Append("a"u8);
        appender.Of(1).Append("b"u8);
        await Task.WhenAll(waiting, other);
        Assert.True(first.TryNext(out int left, out _));
        Assert.True(second.TryNext(out int right, out _));
        Assert.Equal(1, left + right);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task All_partitions_with_messages_have_their_turn_after_a_wait(int partitions)
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, partitions, Small);
        using PartitionedAppender appender = queue.CreateAppender();
        for (int i = 0; i < 10 * partitions; i++)
        {
            appender.Of(i % partitions).Append("a"u8);
        }

        using GroupMember member = queue.JoinGroup("group");
        List<int> turns = [];
        for (int turn = 0; turn < 2 * partitions; turn++)
        {
            await member.WaitToReadAsync();
            Assert.True(member.TryNext(out int partition, out QueueTailer? tailer));
            Assert.True(tailer.TryRead(out _));
            turns.Add(partition);
        }

        Assert.Equal(partitions, turns.Take(partitions).Distinct().Count());
        Assert.Equal(partitions, turns.Skip(partitions).Distinct().Count());
    }

    [Fact]
    public void Invalid_names_and_the_files_of_another_queue_are_refused()
    {
        using PartitionedQueue queue = Filled();
        Assert.Throws<ArgumentException>(() => queue.JoinGroup("../x"));
        Assert.Throws<ArgumentException>(() => queue.JoinGroup(new string('a', 91)));
        Assert.Empty(queue.GetGroups());
        using (queue.JoinGroup(new string('a', 90)))
        {
            Assert.Single(queue.GetGroups());
        }

        using PartitionedQueue other = PartitionedQueue.Open(Beside("other"), Count, Options);
        other.JoinGroup("group").Dispose();
        queue.JoinGroup("group").Dispose();
        string path = InQueue("groups", "group", "group.meta");
        File.Copy(Path.Combine(Beside("other"), "groups", "group", "group.meta"), path, overwrite: true);
        AssertNames<EstreamFormatException>(path, null, () => queue.JoinGroup("group"));
    }

    private PartitionedQueue Filled()
    {
        PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Options);
        Fill(queue, Messages);
        return queue;
    }

    private static void Fill(PartitionedQueue queue, int messages)
    {
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < messages; i++)
        {
            appender.Append(BitConverter.GetBytes(i), BitConverter.GetBytes(i));
        }
    }

    private static long ReadOne(GroupMember member)
    {
        Assert.True(member.TryNext(out _, out QueueTailer? tailer));
        Assert.True(tailer.TryRead(out QueueMessage message));
        return message.Sequence;
    }

    private void Balance(params GroupMember[] members)
    {
        foreach (GroupMember member in members)
        {
            _clock.Pass(TimeSpan.FromMilliseconds(50));
            _ = member.TryNext(out _, out _);
        }
    }

    private static void AssertShared(int[] counts, params GroupMember[] members)
    {
        Assert.Equal(counts, members.Select(member => member.Partitions.Count).Order());
        Assert.Equal(Enumerable.Range(0, Count), members.SelectMany(member => member.Partitions).Order());
    }

    private void BeginEpoch(string group)
    {
        using MemoryRegion file = FileStorage.Instance.OpenRegion(InQueue("groups", group, "group.meta"), RegionAccess.ReadWrite);
        file.All.WriteInt64Release(EntriesOffset, file.All.ReadInt64Acquire(EntriesOffset) + 1);
    }
}
