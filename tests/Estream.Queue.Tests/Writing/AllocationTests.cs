using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Appending, claiming and reading allocate no byte while they stay in a segment.</summary>
public sealed class AllocationTests : QueueCase
{
    private const int Calls = 100_000;

    private static readonly byte[] s_message = new byte[64];

    [Fact]
    public void Appending_allocates_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        WarmUp(appender);
        Assert.Equal(0, AllocationMeter.OnThisThread(Calls, () => appender.Append(s_message)));
    }

    [Fact]
    public void Claiming_committing_and_aborting_allocate_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        WarmUp(appender);
        Assert.Equal(0, AllocationMeter.OnThisThread(Calls, () =>
        {
            using (AppendClaim claim = appender.Claim(64))
            {
                s_message.CopyTo(claim.Span);
                claim.Commit(48);
            }

            using AppendClaim aborted = appender.Claim(64);
        }));
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Appending_claiming_and_reading_encrypted_messages_allocates_nothing(AppenderMode mode)
    {
        using EstreamQueue queue =
            EstreamQueue.Open(QueueDirectory, new QueueOptions { SegmentBytes = 256L << 20, Keys = TestKeys.Ring("first") });
        using QueueAppender appender = queue.CreateAppender(mode);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(0, AllocationMeter.OnThisThread(20_000, () =>
        {
            appender.Append(s_message);
            using (AppendClaim claim = appender.Claim(64))
            {
                claim.Commit(48);
            }

            appender.AppendBatch(s_message, [32, 32]);
            while (tailer.TryRead(out _))
            {
            }
        }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("named")]
    public void Reading_allocates_nothing(string? name)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < Calls + 1_000; i++)
        {
            appender.Append(s_message);
        }

        using QueueTailer tailer = queue.CreateTailer(name);
        long sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(Calls, () =>
        {
            tailer.TryRead(out QueueMessage message);
            sum += message.Sequence + message.Time + message.Payload.Length;
        }));
        Assert.NotEqual(0, sum);
    }

    [Fact]
    public void Polling_an_empty_queue_allocates_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(0, AllocationMeter.OnThisThread(Calls, () => tailer.TryRead(out _)));
    }

    [Fact]
    public void Polling_for_a_late_segment_allocates_nothing()
    {
        var storage = new FailingStorage(Failure.Once, int.MaxValue);
        var clock = new ManualClock();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage, Clock = clock });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        appender.Append(new byte[60_000]);
        storage.RefusesRenames = true;
        Assert.Throws<EstreamStorageException>(() => appender.Append(new byte[60_000]));
        Assert.True(tailer.TryRead(out _));

        Assert.Equal(0, AllocationMeter.OnThisThread(100, () => Assert.False(tailer.TryRead(out _))));

        storage.RefusesRenames = false;
        appender.Append("y"u8);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("y"u8, message.Payload);
    }

    [Fact]
    public void A_wait_that_times_out_allocates_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, new QueueOptions { Idle = IdleStrategy.Sleep() });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(0, AllocationMeter.OnThisThread(200, () => tailer.TryRead(out _, TimeSpan.FromMicroseconds(50))));
    }

    // Appends past the point at which the next segment is prepared, and starts the clock.
    private static void WarmUp(QueueAppender appender)
    {
        byte[] large = new byte[17 << 20];
        appender.Append(large);
        appender.Append(s_message);
    }
}
