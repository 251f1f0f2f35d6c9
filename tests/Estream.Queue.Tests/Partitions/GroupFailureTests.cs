using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests.Partitions;

/// <summary>Goal: a partition that cannot be read stops no other partition, and a group with an output neither repeats nor loses results
/// after crashes, retention and takeovers.</summary>
public sealed class GroupFailureTests : QueueCase
{
    private const int Count = 4;

    private readonly ManualClock _clock = new();

    private QueueOptions Options => Small with { Clock = _clock };

    [Theory]
    [InlineData("queue.meta")]
    [InlineData("000000000000.seg")]
    public void A_partition_that_cannot_be_read_does_not_stop_the_others(string damaged)
    {
        using (PartitionedQueue filled = PartitionedQueue.Open(QueueDirectory, Count, Options))
        {
            Append(filled, 0, 1, 2, 3, 2, 0);
        }

        string file = InQueue("0002", damaged);
        byte[] whole = Content(file);
        Overwrite(file, 0, new byte[256]);
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Options);
        using GroupMember member = queue.JoinGroup("group");
        List<GroupFailure> reports = [];
        List<int> caughtUp = [];
        member.PartitionFailed += reports.Add;
        member.PartitionCaughtUp += caughtUp.Add;

        Assert.Equal([0, 0, 1, 3], ReadAll(member));
        Assert.Equal([0, 1, 3], caughtUp.Order());
        Assert.Equal([0, 1, 2, 3], member.Partitions.Order());
        Assert.Contains(file, Assert.Single(member.Failures).Reason, StringComparison.Ordinal);
        for (int round = 0; round < 3; round++)
        {
            _clock.Pass(TimeSpan.FromSeconds(10));
            Assert.Empty(ReadAll(member));
        }

        Assert.Equal(member.Failures, reports);
        Assert.Equal(2, reports[0].Partition);

        Overwrite(file, 0, whole[..256]);
        Assert.Empty(ReadAll(member));
        _clock.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal([2, 2], ReadAll(member));
        Assert.Empty(member.Failures);
        Assert.Equal([0, 1, 2, 3], caughtUp.Order());
    }

    [Fact]
    public void A_partition_that_is_left_out_is_tried_again_after_10_seconds()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Options);
        Append(queue, 0, 1);
        using GroupMember member = queue.JoinGroup("group");
        List<GroupFailure> reports = [];
        member.PartitionFailed += reports.Add;
        for (int round = 0; round < 3; round++)
        {
            while (member.TryNext(out int partition, out QueueTailer? tailer))
            {
                if (partition == 0)
                {
                    member.LeaveOut(0, "the message is too long");
                }
                else
                {
                    Assert.True(tailer.TryRead(out _));
                }
            }

            Assert.Equal([new GroupFailure(0, "the message is too long")], member.Failures);
            _clock.Pass(TimeSpan.FromSeconds(10));
        }

        Assert.Single(reports);
        Assert.Equal([0], ReadAll(member));
        Assert.Throws<ArgumentException>(() => member.LeaveOut(2, "there is none"));
    }

    [Fact]
    public void A_crash_does_not_stop_a_partition_whose_last_result_retention_has_deleted()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Options);
        using EstreamQueue output = OpenOutput();
        using QueueAppender results = output.CreateAppender();
        Append(queue, 0);
        using GroupMember member = queue.JoinGroup("group", output);
        Assert.Equal((0, 0), Process(member, results));
        for (int i = 0; i < 400; i++)
        {
            Append(queue, 1);
            Assert.Equal((1, i), Process(member, results, bytes: 1_000));
            _clock.Pass(TimeSpan.FromSeconds(1));
        }

        _ = output.ApplyRetention();
        string crashed = Crash();

        using PartitionedQueue again = PartitionedQueue.Open(Path.Combine(crashed, "queue"), Options);
        using EstreamQueue outputAgain = OpenOutput(crashed);
        using QueueAppender resultsAgain = outputAgain.CreateAppender();
        using GroupMember next = again.JoinGroup("group", outputAgain);
        Append(again, 0);
        Assert.Equal((0, 1), Process(next, resultsAgain));
        Assert.Empty(next.Failures);
    }

    [Fact]
    public void A_group_without_cursors_continues_where_its_output_says()
    {
        using (PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Options))
        using (EstreamQueue output = OpenOutput())
        using (QueueAppender results = output.CreateAppender())
        {
            Append(queue, 0, 0, 0);
            using GroupMember member = queue.JoinGroup("group", output);
            Assert.Equal((0, 0), Process(member, results));
            Assert.Equal((0, 1), Process(member, results));
            Append(queue, 1);
        }

        // Replicas have the logs, and neither cursors nor groups.
        string replica = Crash();
        Directory.Delete(Path.Combine(replica, "queue", "groups"), recursive: true);
        Directory.Delete(Path.Combine(replica, "queue", "0000", "tailers"), recursive: true);
        Directory.Delete(Path.Combine(replica, "queue", "0001", "tailers"), recursive: true);

        using PartitionedQueue copy = PartitionedQueue.Open(Path.Combine(replica, "queue"), Options);
        using EstreamQueue outputCopy = OpenOutput(replica);
        using QueueAppender resultsCopy = outputCopy.CreateAppender();
        using GroupMember other = copy.JoinGroup("other", outputCopy), next = copy.JoinGroup("group", outputCopy);
        (int, long)[] both = [Process(next, resultsCopy), Process(next, resultsCopy)];
        Assert.Equal([(0, 2), (1, 0)], both.Order());
        Assert.False(next.TryNext(out _, out _));
        Assert.Equal(0, Process(other, resultsCopy).Sequence);
    }

    [Fact]
    public void A_host_that_takes_over_again_continues_where_the_output_says()
    {
        long id;
        using (PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options))
        {
            Append(queue, 0, 0, 0, 0);
            id = queue.Partition(0).Id;
            using EstreamQueue output = OpenOutput();
            using QueueAppender results = output.CreateAppender();
            using GroupMember member = queue.JoinGroup("group", output);
            Assert.Equal((0, 0), Process(member, results));
        }

        // The other host processes two messages, while this one has copies.
        string replica = Crash();
        using (PartitionedQueue queue = PartitionedQueue.Open(Path.Combine(replica, "queue"), Options))
        using (EstreamQueue output = OpenOutput(replica))
        using (QueueAppender results = output.CreateAppender())
        using (GroupMember member = queue.JoinGroup("group", output))
        {
            Assert.Equal((0, 1), Process(member, results));
            Assert.Equal((0, 2), Process(member, results));
        }

        LogCopy.Open(InQueue("0000"), id, Options).Dispose();
        Directory.Delete(Beside("output"), recursive: true);
        Copy(Path.Combine(replica, "output"), Beside("output"));

        using PartitionedQueue again = PartitionedQueue.Open(QueueDirectory, Options);
        using EstreamQueue outputAgain = OpenOutput();
        using QueueAppender resultsAgain = outputAgain.CreateAppender();
        using GroupMember next = again.JoinGroup("group", outputAgain);
        Assert.Equal((0, 3), Process(next, resultsAgain));
    }

    [Fact]
    public void A_queue_becomes_a_copy_although_a_group_reads_it_and_a_cursor_is_damaged()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        Append(queue, 0);
        using GroupMember local = queue.JoinGroup("local");
        Assert.True(local.TryNext(out _, out _));
        string cursors = Path.GetDirectoryName(Directory.GetFiles(InQueue("0000"), "group-local.*", SearchOption.AllDirectories)[0])!;
        string cursor = Directory.GetFiles(cursors, "group-local.*")[0];
        File.WriteAllBytes(Path.Combine(cursors, "group-damaged" + Path.GetExtension(cursor)), new byte[4_096]);

        LogCopy.Open(InQueue("0000"), queue.Partition(0).Id, Options).Dispose();

        Assert.True(local.TryNext(out _, out _));
    }

    [Fact]
    public void A_group_has_one_output_which_is_not_a_partition_of_its_queue()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 2, Options);
        using EstreamQueue output = OpenOutput(), other = EstreamQueue.Open(Beside("other"), Options);
        ArgumentException own = Assert.Throws<ArgumentException>(() => queue.JoinGroup("group", queue.Partition(1)));
        Assert.Contains("is a partition of the queue that the group reads", own.Message, StringComparison.Ordinal);
        queue.JoinGroup("group", output).Dispose();

        ArgumentException refused = Assert.Throws<ArgumentException>(() => queue.JoinGroup("group", other));
        Assert.Contains("Use the same output as before", refused.Message, StringComparison.Ordinal);
        queue.JoinGroup("group", output).Dispose();
        queue.JoinGroup("another", other).Dispose();
    }

    [Fact]
    public void A_queue_has_a_limited_number_of_groups()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Options);
        for (int i = 0; i < PartitionedQueue.MaxGroups; i++)
        {
            queue.JoinGroup($"group{i}").Dispose();
        }

        EstreamLeaseException refused = Assert.Throws<EstreamLeaseException>(() => queue.JoinGroup("one-more"));
        Assert.Contains("has 256 consumer groups", refused.Message, StringComparison.Ordinal);
        queue.JoinGroup("group0").Dispose();
        Directory.Delete(InQueue("groups", "group1"), recursive: true);
        queue.JoinGroup("one-more").Dispose();
    }

    private EstreamQueue OpenOutput(string? root = null) => EstreamQueue.Open(
        root is null ? Beside("output") : Path.Combine(root, "output"), Options with { RetainedBytes = 2 * SegmentBytes });

    private static void Append(PartitionedQueue queue, params int[] partitions)
    {
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        foreach (int partition in partitions)
        {
            appender.Of(partition).Append(BitConverter.GetBytes(partition));
        }
    }

    // Reads everything, and returns the partitions of the messages.
    private static int[] ReadAll(GroupMember member)
    {
        List<int> read = [];
        while (member.TryNext(out int partition, out QueueTailer? tailer))
        {
            Assert.True(tailer.TryRead(out _));
            read.Add(partition);
        }

        return [.. read.Order()];
    }

    // Commits the result of the next message.
    private static (int Partition, long Sequence) Process(GroupMember member, QueueAppender results, int bytes = 8)
    {
        Assert.True(member.TryNext(out int partition, out QueueTailer? tailer));
        using BatchClaim batch = results.ClaimBatch(bytes, 1, tailer);
        Assert.True(tailer.TryRead(out QueueMessage message));
        batch.Append(new byte[bytes]);
        batch.Commit();
        return (partition, message.Sequence);
    }

    // Copies all files as they are, as a crash would leave them.
    private string Crash()
    {
        string crashed = Beside($"crashed-{Guid.NewGuid():N}");
        Directory.CreateDirectory(crashed);
        Copy(QueueDirectory, Path.Combine(crashed, "queue"));
        Copy(Beside("output"), Path.Combine(crashed, "output"));
        return crashed;
    }

    private static void Copy(string from, string to)
    {
        using System.Diagnostics.Process copy = System.Diagnostics.Process.Start("cp", ["-r", from, to]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
    }
}
