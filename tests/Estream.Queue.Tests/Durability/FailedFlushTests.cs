using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>After a failed flush no further message is reported as durable. All other operations continue.</summary>
public sealed class FailedFlushTests : QueueCase
{
    private readonly FlushStorage _storage = new();

    private QueueOptions Options => Small with { Storage = _storage };

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public async Task Durable_appends_and_waits_are_refused_permanently_after_a_failed_flush(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        long durable = appender.Append("durable"u8, Durability.Every);
        ValueTask waiting =
            queue.WaitDurableAsync(appender.Append("waiting"u8, Durability.GroupCommit(TimeSpan.FromMinutes(1), long.MaxValue)));
        _storage.Fails = true;
        EstreamStorageException refusal = Assert.Throws<EstreamStorageException>(() => appender.Append("lost?"u8, Durability.Every));
        Assert.Equal(StorageFailure.Device, refusal.Reason);
        Assert.False(refusal.IsTransient);
        Assert.Contains(QueueDirectory, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("open the queue again", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EstreamStorageException>(async () => await waiting);

        // The device reports success again, but this does not restore the lost data.
        _storage.Fails = false;
        long next = appender.NextSequence;
        Assert.Throws<EstreamStorageException>(() => appender.Append("refused"u8, Durability.Every));
        Assert.Throws<EstreamStorageException>(() => appender.Append("refused"u8, Durability.GroupCommit()));
        Assert.Throws<EstreamStorageException>(() => appender.AppendBatch("refused"u8, [7], Durability.Every));
        using (AppendClaim claim = appender.Claim(10))
        {
            bool refused = false;
            try
            {
                claim.Commit(5, Durability.Every);
            }
            catch (EstreamStorageException)
            {
                refused = true;
            }

            Assert.True(refused);
        }

        Assert.Equal(mode == AppenderMode.Shared ? next + 1 : next, appender.NextSequence);
        await Assert.ThrowsAsync<EstreamStorageException>(async () => await queue.WaitDurableAsync(appender.NextPosition));
        Assert.Throws<EstreamStorageException>(() => queue.WaitDurable(appender.NextPosition));
        Assert.True(queue.DurablePosition > durable);
        queue.WaitDurable(durable);

        appender.Append("goes on"u8);
        Assert.Equal(["durable", "waiting", "lost?", "goes on"], Texts(queue));
    }

    /// <summary>A transient error, such as too many open files, loses nothing: the next flush repeats the work.</summary>
    [Fact]
    public void A_wait_after_a_transient_flush_error_requests_a_new_flush()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("durable"u8, Durability.Every);
        _storage.OnFlush = path =>
        {
            _storage.OnFlush = null;
            throw new EstreamStorageException("Too many open files.", path, StorageFailure.Other);
        };
        long position = appender.NextPosition;
        Assert.Throws<EstreamStorageException>(() => appender.Append("waits"u8, Durability.Every));
        Assert.True(queue.DurablePosition <= position);
        queue.WaitDurable(position);
        Assert.True(queue.DurablePosition > position);
    }

    [Fact]
    public void A_group_commit_that_the_flusher_could_not_flush_is_refused()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        _storage.Fails = true;
        long position = appender.Append("lost?"u8, Durability.GroupCommit());
        Assert.Throws<EstreamStorageException>(() => queue.WaitDurable(position));
        Assert.Equal(0, queue.DurablePosition);
        Assert.Throws<EstreamStorageException>(() => appender.Append("refused"u8, Durability.GroupCommit()));
    }

    [Fact]
    public void Another_object_of_the_queue_also_refuses_after_a_failed_flush()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        using QueueAppender another = other.CreateAppender();
        _storage.Fails = true;
        Assert.Throws<EstreamStorageException>(() => appender.Append("lost?"u8, Durability.Every));
        _storage.Fails = false;
        Assert.Throws<EstreamStorageException>(() => another.Append("refused"u8, Durability.Every));
        another.Append("goes on"u8);
    }

    [Fact]
    public void A_failed_flush_of_a_directory_counts_as_a_failed_flush()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender();
        _storage.FailsDirectories = true;
        Assert.Throws<EstreamStorageException>(() => appender.Append("lost?"u8, Durability.Every));
        _storage.FailsDirectories = false;
        Assert.Equal(0, queue.DurablePosition);
        Assert.Throws<EstreamStorageException>(() => appender.Append("refused"u8, Durability.Every));
    }

    /// <summary>A power cut could lose the name of the first segment and keep the second. The log would then appear to start at the second
    /// segment.</summary>
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_second_segment_is_not_created_before_the_name_of_the_first_is_durable(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        _storage.FailsDirectories = true;
        byte[] payload = new byte[10_000];
        int count = 0;
        EstreamStorageException refusal = Assert.Throws<EstreamStorageException>(() =>
        {
            for (; count < 20; count++)
            {
                appender.Append(payload);
            }
        });
        Assert.Equal(StorageFailure.Device, refusal.Reason);
        Assert.Equal([0], SegmentFiles());

        _storage.FailsDirectories = false;
        for (int before = count; count < before + 10; count++)
        {
            appender.Append(payload);
        }

        Assert.Equal([0, 1, 2], SegmentFiles());
        Assert.Equal(count, Texts(queue).Count);
        Assert.Throws<EstreamStorageException>(() => appender.Append("refused"u8, Durability.Every));
    }

    [Fact]
    public void A_first_segment_name_that_is_durable_is_not_flushed_again()
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Options))
        {
            using QueueAppender appender = queue.CreateAppender();
            AppendUpTo(appender, 1);
            queue.WaitDurable(0);
        }

        _storage.FailsDirectories = true;
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Options);
        using QueueAppender next = again.CreateAppender();
        AppendSegments(next, 2);
        using QueueTailer tailer = again.CreateTailer();
        Assert.Equal(next.NextSequence, ReadToEnd(tailer, 0));
    }

    /// <summary>If the name of a deleted segment may return after a power cut, the segments after it may become unreachable.</summary>
    [Fact]
    public void A_removal_that_cannot_be_flushed_counts_as_a_failed_flush()
    {
        var clock = new ManualClock();
        using EstreamQueue queue = EstreamQueue.Open(
            QueueDirectory, Options with { RetainedAge = TimeSpan.FromHours(1), Clock = clock, Background = InlineScheduler.Instance });
        using QueueAppender appender = queue.CreateAppender();
        AppendSegments(appender, 2);
        clock.PassNanos(2 * 3_600_000_000_000);
        using (QueueTailer tailer = queue.CreateTailer())
        {
            Assert.True(tailer.TryRead(out _));
            Assert.Equal(0, queue.Keeper.ReclaimExpired());
        }

        _storage.FailsDirectories = true;
        Assert.Throws<EstreamStorageException>(() => queue.Keeper.ReclaimExpired());
        _storage.FailsDirectories = false;
        Assert.Throws<EstreamStorageException>(() => appender.Append("refused"u8, Durability.Every));
        appender.Append("goes on"u8);
    }
}
