using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

public sealed class StartSegmentTests : QueueCase
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StartSegment_puts_the_next_message_at_the_start_of_a_segment(bool encrypted)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, SmallWith(encrypted));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int segment = 0; segment < 4; segment++)
        {
            AppendUpTo(appender, (segment * 10) + 1);
            Assert.Equal(segment, (appender.NextPosition - 1) / SegmentBytes);
            AppendUpTo(appender, (segment + 1) * 10);
            appender.StartSegment();
            appender.StartSegment();
        }

        AppendUpTo(appender, 41);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(41, ReadToEnd(tailer, 0));
        Assert.True(tailer.TrySeek((4L * SegmentBytes) + 256));
        Assert.True(tailer.TryRead(out QueueMessage last));
        Assert.Equal(40, last.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_queue_closed_after_StartSegment_continues_with_the_next_number(bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted);
        for (int round = 1; round <= 3; round++)
        {
            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            AppendUpTo(appender, round * 5);
            appender.StartSegment();
        }

        using EstreamQueue reader = EstreamQueue.OpenReadOnly(QueueDirectory, options);
        using QueueTailer tailer = reader.CreateTailer();
        Assert.Equal(15, ReadToEnd(tailer, 0));
    }

    [Fact]
    public void StartSegment_applies_to_a_claim_too()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        appender.StartSegment();
        using (AppendClaim claim = appender.Claim(4))
        {
            claim.Commit(4);
        }

        Assert.Equal(1, (appender.NextPosition - 1) / SegmentBytes);
    }

    [Fact]
    public void StartSegment_throws_for_a_shared_appender_and_for_an_open_claim()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using (QueueAppender shared = queue.CreateAppender(AppenderMode.Shared))
        {
            _ = Assert.Throws<InvalidOperationException>(shared.StartSegment);
        }

        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using AppendClaim claim = appender.Claim(8);
        bool isRefused = false;
        try
        {
            appender.StartSegment();
        }
        catch (InvalidOperationException)
        {
            isRefused = true;
        }

        Assert.True(isRefused);
    }
}
