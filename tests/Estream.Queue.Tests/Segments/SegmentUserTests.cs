using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>The users of each segment, as reported by the kernel. Unnamed readers and readers without write access are found without
/// writing anything.</summary>
public sealed class SegmentUserTests : QueueCase
{
    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    public void An_unnamed_reader_is_listed_with_its_segment_while_it_lives(string access)
    {
        MakeQueue(4);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        long messages = CountBefore(queue, 2 * SegmentBytes) + 1;
        Assert.Empty(Users(queue));
        using ChildProcess reader = StartOther("stand", QueueDirectory, access, $"{messages}");
        reader.WaitForText("reading");
        QueueInfo info = queue.GetInfo(withSegmentUsers: true);
        Assert.True(info.AreSegmentUsersComplete);
        Assert.Empty(info.Tailers);
        SegmentUser user = Assert.Single(info.SegmentUsers!);
        Assert.Equal((reader.Id, (2L * SegmentBytes) + 256, 3L * SegmentBytes), (user.ProcessId, user.FirstPosition, user.EndPosition));
        Assert.Equal((0, false), (user.Tailers.Count, user.IsAppender));
        Assert.Equal(File.ReadAllText($"/proc/{reader.Id}/comm").TrimEnd('\n'), user.ProcessName);
        reader.Kill();

        // The kernel releases the resources of a process a moment after its death.
        Eventually.True(() => Users(queue).Count == 0, "nobody is in a segment");
    }

    [Fact]
    public void Tailer_names_and_appenders_are_listed_with_their_processes()
    {
        MakeQueue(3);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using ChildProcess named = StartOther("name", QueueDirectory, "billing");
        named.WaitForText("reading");
        using ChildProcess writer = StartOther("append", QueueDirectory);
        writer.WaitForText("appending");
        using QueueTailer own = queue.CreateTailer();
        Assert.True(own.TryRead(out _));
        QueueInfo info = queue.GetInfo(withSegmentUsers: true);
        Assert.Equal(3, info.SegmentUsers!.Count);
        SegmentUser reading = info.SegmentUsers.Single(user => user.ProcessId == named.Id);
        Assert.Equal((256L, false, "billing"), (reading.FirstPosition, reading.IsAppender, reading.Tailers.Single()));
        SegmentUser appending = info.SegmentUsers.Single(user => user.ProcessId == writer.Id);
        Assert.Equal(((2L * SegmentBytes) + 256, info.EndPosition, true, 0),
            (appending.FirstPosition, appending.EndPosition, appending.IsAppender, appending.Tailers.Count));
        SegmentUser here = info.SegmentUsers.Single(user => user.ProcessId == Environment.ProcessId);
        Assert.Equal((256L, false, 0), (here.FirstPosition, here.IsAppender, here.Tailers.Count));
    }

    [Fact]
    public void A_reader_that_moves_between_segments_is_listed_once_per_process()
    {
        MakeQueue(4);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        using QueueTailer beside = other.CreateTailer();
        for (int read = 0; tailer.TryRead(out QueueMessage message) && beside.TryRead(out _); read++)
        {
            if (read % 50 == 0)
            {
                SegmentUser user = Assert.Single(Users(queue));
                Assert.Equal(Environment.ProcessId, user.ProcessId);
                Assert.InRange(message.Position, user.FirstPosition, user.EndPosition - 1);
            }
        }

        // At the end of the log the tailer waits in the last segment.
        Assert.Equal(tailer.Position, Assert.Single(Users(queue)).EndPosition);
    }

    [Fact]
    public void Segment_users_are_empty_unless_requested_and_supported_by_the_storage()
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        using (queue.CreateTailer())
        {
            Assert.Null(queue.GetInfo().SegmentUsers);
            QueueInfo empty = queue.GetInfo(withSegmentUsers: true);
            Assert.Equal((0, true), (empty.SegmentUsers!.Count, empty.AreSegmentUsersComplete));
        }

        using EstreamQueue silent = EstreamQueue.OpenReadOnly(QueueDirectory, new QueueOptions { Storage = new FlushStorage() });
        QueueInfo unknown = silent.GetInfo(withSegmentUsers: true);
        Assert.Equal((0, false), (unknown.SegmentUsers!.Count, unknown.AreSegmentUsersComplete));
    }

    [Fact]
    public void With_very_many_segments_only_the_oldest_and_newest_are_searched_for_users()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            byte[] message = new byte[queue.MaxMessageBytes];
            for (int segment = 0; segment < 1_030; segment++)
            {
                appender.Append(message);
            }
        }

        using QueueTailer oldest = queue.CreateTailer();
        using QueueTailer middle = queue.CreateTailer();
        using QueueTailer newest = queue.CreateTailer();
        middle.Seek((515L * SegmentBytes) + 256);
        newest.SeekToEnd();
        QueueInfo info = queue.GetInfo(withSegmentUsers: true);
        Assert.True(info.SegmentCount > 1_024);
        Assert.False(info.AreSegmentUsersComplete);
        Assert.Equal([256L, (newest.Position / SegmentBytes * SegmentBytes) + 256], info.SegmentUsers!.Select(user => user.FirstPosition));
    }

    private static IReadOnlyList<SegmentUser> Users(EstreamQueue queue) => queue.GetInfo(withSegmentUsers: true).SegmentUsers!;

    private static long CountBefore(EstreamQueue queue, long position)
    {
        using QueueTailer tailer = queue.CreateTailer();
        long count = 0;
        while (tailer.TryRead(out QueueMessage message) && message.Position < position)
        {
            count++;
        }

        return count;
    }
}
