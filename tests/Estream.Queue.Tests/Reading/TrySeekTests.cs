using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

public sealed class TrySeekTests : QueueCase
{
    [Theory]
    [InlineData(AppenderMode.Exclusive, false)]
    [InlineData(AppenderMode.Shared, false)]
    [InlineData(AppenderMode.Exclusive, true)]
    public void TrySeek_finds_each_message_and_the_end_and_refuses_positions_without_a_frame(AppenderMode mode, bool encrypted)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, SmallWith(encrypted));
        using QueueAppender appender = queue.CreateAppender(mode);
        Dictionary<long, long> numbers = [];
        for (int number = 0; number < 20; number++)
        {
            numbers.Add(appender.Append(new byte[10 + (number * 7)]), number);
        }

        using QueueTailer tailer = queue.CreateTailer();
        for (long position = 0; position < appender.NextPosition; position++)
        {
            bool isMessage = numbers.ContainsKey(position);
            if (!tailer.TrySeek(position))
            {
                Assert.False(isMessage);
                continue;
            }

            // A block of an encrypted segment is a frame too, and leads to the message in it.
            Assert.True(isMessage || encrypted);
            long next = numbers.Keys.Where(key => key >= position).Min();
            Assert.True(tailer.TryPeek(out QueueMessage message));
            Assert.Equal((next, numbers[next]), (message.Position, message.Sequence));
        }

        Assert.True(tailer.TrySeek(appender.NextPosition));
        Assert.False(tailer.TryPeek(out _));
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(0)]
    [InlineData(248)]
    [InlineData(260)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void TrySeek_to_a_position_without_a_message_does_not_move_the_tailer(long position)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 5);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _) && tailer.TryRead(out _));

        Assert.False(tailer.TrySeek(position));
        Assert.True(tailer.TryRead(out QueueMessage next));
        Assert.Equal(2, next.Sequence);
    }

    [Fact]
    public void TrySeek_to_the_end_of_a_segment_continues_in_the_next_one()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 5);
        long end = appender.NextPosition;
        appender.StartSegment();
        AppendUpTo(appender, 6);
        using QueueTailer tailer = queue.CreateTailer();

        Assert.True(tailer.TrySeek(end));
        Assert.True(tailer.TryPeek(out QueueMessage message));
        Assert.Equal((SegmentBytes + 256L, 5L), (message.Position, message.Sequence));
    }

    [Fact]
    public void TrySeek_to_a_deleted_message_throws()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 4);
        _ = queue.ApplyRetention(SegmentBytes, TimeSpan.Zero);
        using QueueTailer tailer = queue.CreateTailer();

        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => tailer.TrySeek(256));
        Assert.Equal(StorageFailure.NotFound, error.Reason);
    }
}
