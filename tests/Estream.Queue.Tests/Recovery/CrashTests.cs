using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Opens a queue whose files are between two steps of a rare appender operation. The tests create each state by hand.</summary>
public sealed class CrashTests : QueueCase
{
    /// <summary>No byte may be written after an end-of-segment frame, because a reader may have passed it.</summary>
    [Fact]
    public void After_a_crash_between_the_end_frame_and_the_next_segment_appends_go_to_the_next_segment()
    {
        MakeQueue(2);
        File.Delete(SegmentFile(1));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer passed = queue.CreateTailer();
        long next = ReadToEnd(passed, 0);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(next, appender.NextSequence);
        Assert.Equal(SegmentBytes + 256, appender.Append([]));
        Assert.True(passed.TryRead(out QueueMessage message));
        Assert.Equal(next, message.Sequence);
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void A_segment_that_could_not_be_published_is_retried_and_nothing_follows_the_end_frame()
    {
        var storage = new FailingStorage(Failure.Once, int.MaxValue);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer passed = queue.CreateTailer();
        appender.Append(new byte[60_000]);
        storage.RefusesRenames = true;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.Throws<EstreamStorageException>(() => appender.Append(new byte[60_000]));
            Assert.Throws<EstreamStorageException>(() => appender.Append([]));
            Assert.Throws<EstreamStorageException>(() => appender.Claim(0).Commit());
            Assert.Equal(1, appender.NextSequence);
        }

        Assert.True(passed.TryRead(out _));
        Assert.False(passed.TryRead(out _));
        storage.RefusesRenames = false;
        Assert.Equal(SegmentBytes + 256, appender.Append("y"u8));
        Assert.True(passed.TryRead(out QueueMessage message));
        Assert.Equal("y"u8, message.Payload);
        Assert.True(queue.Verify().IsWhole);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(SegmentBytes)]
    public void A_leftover_spare_segment_is_removed_whatever_it_contains(int length)
    {
        long messages = MakeQueue(2);
        File.WriteAllBytes(InQueue("spare.new"), [.. File.ReadAllBytes(SegmentFile(0)).Take(length)]);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.False(File.Exists(InQueue("spare.new")));
        AppendSegments(appender, 2);
        Assert.Equal(appender.NextSequence, ReadToEnd(queue.CreateTailer(), 0));
        Assert.True(appender.NextSequence > messages);
    }

    /// <summary>The crash happens after retention has removed the name of the oldest segment, and before or after it clears the
    /// header.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crash_while_a_segment_is_retired_leaves_a_whole_log_without_it(bool headerGone)
    {
        MakeQueue(3);
        File.Move(SegmentFile(0), InQueue("spare.new"));
        if (headerGone)
        {
            Overwrite(InQueue("spare.new"), 0, new byte[8]);
        }

        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        QueueInfo info = queue.GetInfo();
        Assert.Equal(SegmentBytes + 256, info.FirstPosition);
        Assert.Equal(info.NextSequence, ReadToEnd(tailer, info.FirstSequence));
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void A_partly_written_description_is_created_again()
    {
        Directory.CreateDirectory(QueueDirectory);
        File.WriteAllBytes(InQueue("queue.meta.new"), [1, 2, 3]);
        Assert.Equal(StorageFailure.NotFound,
            Assert.Throws<EstreamStorageException>(() => EstreamQueue.OpenReadOnly(QueueDirectory)).Reason);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        Assert.Equal(SegmentBytes, queue.SegmentBytes);
        Assert.False(File.Exists(InQueue("queue.meta.new")));
    }

    [Fact]
    public void A_partly_written_cursor_is_created_again()
    {
        MakeQueue(1);
        Directory.CreateDirectory(InQueue("tailers"));
        File.WriteAllBytes(InQueue("tailers", "reader.cursor.new"), [1, 2, 3]);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        Assert.Empty(queue.GetInfo().Tailers);
        using QueueTailer tailer = queue.CreateTailer("reader");
        Assert.True(tailer.TryRead(out _));
    }

    [Fact]
    public void A_message_that_was_written_but_not_published_is_never_read()
    {
        long messages = MakeQueue(1);
        long end;
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory))
        {
            end = queue.GetInfo().EndPosition;
        }

        // Writes all bytes of the next frame except its first eight, and a frame that looks whole after it.
        byte[] frame = File.ReadAllBytes(SegmentFile(0))[256..2_000];
        Overwrite(SegmentFile(0), end + 8, frame[8..]);
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory);
        Assert.Equal(messages, ReadToEnd(again.CreateTailer(), 0));
        using QueueAppender appender = again.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(messages, appender.NextSequence);
        AppendUpTo(appender, messages + 50);
        Assert.Equal(messages + 50, ReadToEnd(again.CreateTailer(), 0));
        Assert.True(again.Verify().IsWhole);
    }

    [Fact]
    public void Concurrent_creators_create_one_queue()
    {
        Parallel.For(0, 16, _ => EstreamQueue.Open(QueueDirectory, Small).Dispose());
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        Parallel.For(0, 16, i => queue.CreateTailer($"reader-{i % 4}-{i / 4}").Dispose());
        Assert.Equal(16, queue.GetInfo().Tailers.Count);
        Assert.Equal(["create.lock", "queue.meta"], Directory.GetFiles(QueueDirectory).Select(Path.GetFileName).Order());
    }
}
