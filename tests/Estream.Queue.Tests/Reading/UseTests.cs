using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>The users of a queue as reported by GetInfo, and the deletion of tailer names.</summary>
public sealed class UseTests : QueueCase
{
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void GetInfo_reports_the_lag_of_each_reader(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        queue.CreateTailer("new").Dispose();
        AppendSegments(appender, 3);
        AppendUpTo(appender, appender.NextSequence + 10);
        long messages = appender.NextSequence;
        using QueueTailer tailer = queue.CreateTailer("reading");
        var random = new Random(3);
        for (long read = 0; read < messages; read++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            if (random.Next(100) == 0 || read == messages - 1)
            {
                tailer.Commit();
                using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
                QueueInfo info = other.GetInfo();
                TailerInfo reading = info.Tailers.Single(t => t.Name == "reading");
                Assert.Equal((read + 1, messages - read - 1), (reading.Sequence, reading.LagMessages));
                Assert.Equal(info.EndPosition - tailer.Position, reading.LagBytes);
                Assert.Equal((true, Environment.ProcessId), (reading.IsInUse, reading.ProcessId));
                TailerInfo fresh = info.Tailers.Single(t => t.Name == "new");
                Assert.Equal((0L, messages, false, 0), (fresh.Sequence, fresh.LagMessages, fresh.IsInUse, fresh.ProcessId));
            }
        }
    }

    [Fact]
    public void GetInfo_names_the_processes_that_append_and_read_while_they_live()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        Assert.Empty(queue.GetInfo().Appenders);
        using ChildProcess reader = StartOther("name", QueueDirectory, "other");
        reader.WaitForText("reading");
        using ChildProcess writer = StartOther("claim", QueueDirectory);
        writer.WaitForText("claimed");
        using (queue.CreateAppender())
        {
            QueueInfo info = queue.GetInfo();
            Assert.Equal(
                new[] { new AppenderInfo(writer.Id, AppenderMode.Shared),
                    new AppenderInfo(Environment.ProcessId, AppenderMode.Shared) }.OrderBy(a => a.ProcessId),
                info.Appenders.OrderBy(a => a.ProcessId));
            Assert.Equal(reader.Id, info.Tailers.Single().ProcessId);
        }

        writer.Kill();
        reader.Kill();

        // The kernel releases the resources of a process a moment after its death.
        Eventually.True(() => queue.GetInfo().Appenders.Count == 0, "no appender lives");
        Eventually.True(() => !queue.GetInfo().Tailers.Single().IsInUse, "the name is not in use");
        Eventually.True(() => IsLeaseFree(queue), "the lease is free");
        using ChildProcess alone = StartOther("append", QueueDirectory);
        alone.WaitForText("appending");
        Assert.Equal([new AppenderInfo(alone.Id, AppenderMode.Exclusive)], queue.GetInfo().Appenders);
        alone.Kill();
        Eventually.True(() => queue.GetInfo().Appenders.Count == 0, "no appender lives");
        Assert.Equal(alone.Id, queue.GetInfo().WriterProcessId);
    }

    private static bool IsLeaseFree(EstreamQueue queue)
    {
        try
        {
            queue.CreateAppender(AppenderMode.Exclusive).Dispose();
            return true;
        }
        catch (EstreamLeaseException)
        {
            return false;
        }
    }

    [Fact]
    public void GetInfo_reports_bytes_beyond_the_limits_and_who_retains_them()
    {
        using EstreamQueue queue =
            EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = 2 * SegmentBytes, RetainedAge = TimeSpan.FromDays(3) });
        queue.CreateTailer("slow").Dispose();
        queue.CreateTailer("slower").Dispose();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 6);
        using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
        RetentionInfo retention = other.GetInfo().Retention;
        Assert.Equal((2 * SegmentBytes, TimeSpan.FromDays(3), 4),
            (retention.RetainedBytes, retention.RetainedAge, retention.SegmentsBeyond));
        Assert.Equal(["slow", "slower"], retention.HeldBy.Order());
        Assert.True(queue.RemoveTailer("slow"));
        Assert.Equal(["slower"], other.GetInfo().Retention.HeldBy);
        Assert.True(queue.RemoveTailer("slower"));
        Assert.Equal((4, 0), (other.GetInfo().Retention.SegmentsBeyond, other.GetInfo().Retention.HeldBy.Count));
    }

    [Fact]
    public void GetInfo_reports_an_unnamed_reader_in_segments_beyond_the_limits()
    {
        using EstreamQueue queue =
            EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = SegmentBytes, Background = InlineScheduler.Instance });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
        using (QueueTailer reader = other.CreateTailer())
        {
            AppendSegments(appender, 6);
            Assert.All([queue, other],
                seen => Assert.True(seen.GetInfo().Retention is { SegmentsBeyond: > 0, IsStoodIn: true, HeldBy.Count: 0 }));
        }

        Assert.All([queue, other], seen => Assert.False(seen.GetInfo().Retention.IsStoodIn));
    }

    [Fact]
    public void A_reader_whose_segment_is_missing_has_an_unknown_lag_in_messages()
    {
        MakeQueue(3);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        queue.CreateTailer("lost").Dispose();
        File.Delete(SegmentFile(0));
        using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
        TailerInfo lost = other.GetInfo().Tailers.Single();
        Assert.Equal((null, null), (lost.Sequence, lost.LagMessages));
        Assert.True(lost.LagBytes > 0);
    }

    [Fact]
    public void A_deleted_tailer_name_is_gone_and_starts_over_when_it_is_used_again()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 5);
        using (QueueTailer tailer = queue.CreateTailer("name"))
        {
            Assert.Equal(5, ReadToEnd(tailer, 0));
            EstreamLeaseException error = Assert.Throws<EstreamLeaseException>(() => queue.RemoveTailer("name"));
            Assert.Equal(Environment.ProcessId, error.OwnerProcessId);
            Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        }

        Assert.True(queue.RemoveTailer("name"));
        Assert.False(queue.RemoveTailer("name"));
        Assert.Empty(queue.GetInfo().Tailers);
        using (QueueTailer again = queue.CreateTailer("name"))
        {
            Assert.Equal(5, ReadToEnd(again, 0));
        }

        Assert.Throws<ArgumentException>(() => queue.RemoveTailer("../other"));
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Throws<InvalidOperationException>(() => readOnly.RemoveTailer("name"));
    }

    [Fact]
    public void A_name_in_use_in_another_process_is_deleted_only_after_that_process_dies()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using ChildProcess reader = StartOther("name", QueueDirectory, "other");
        reader.WaitForText("reading");
        Assert.Equal(reader.Id, Assert.Throws<EstreamLeaseException>(() => queue.RemoveTailer("other")).OwnerProcessId);
        reader.Kill();
        Eventually.True(() => !queue.GetInfo().Tailers.Single().IsInUse, "the name is not in use");
        Assert.True(queue.RemoveTailer("other"));
    }

    /// <summary>One thread deletes the name while others open it. No tailer may keep a cursor file that the name no longer refers to,
    /// because retention finds cursors by name.</summary>
    [Fact]
    public async Task Deleting_and_opening_a_name_concurrently_leaves_one_cursor_or_none()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        int rounds = LongRun.Count(300, 20_000);
        using var stop = new CancellationTokenSource();
        Task remover = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    queue.RemoveTailer("name");
                }
                catch (EstreamLeaseException)
                {
                }
            }
        });
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                try
                {
                    using QueueTailer tailer = queue.CreateTailer("name");
                    Assert.True(File.Exists(InQueue("tailers", "name.cursor")), $"the name is there in round {round}");
                    _ = queue.GetInfo();
                }
                catch (EstreamLeaseException)
                {
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await remover;
        }
    }

    /// <summary>A process that inspects a lock may be suspended while it holds the lock, or be preempted for longer than a time slice on a
    /// busy machine.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(1_000)]
    public void A_slow_GetInfo_does_not_block_opening_a_named_tailer_or_an_exclusive_appender(int turns)
    {
        var storage = new FlushStorage();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Storage = storage });
        queue.CreateTailer("name").Dispose();
        queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        storage.RefusedLocks = turns;
        queue.CreateTailer("name").Dispose();
        Assert.Equal(0, storage.RefusedLocks);
        storage.RefusedLocks = turns;
        queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        Assert.Equal(0, storage.RefusedLocks);
    }

    /// <summary>Inspecting the users of a name must not block its use.</summary>
    [Fact]
    public async Task GetInfo_does_not_block_opening_a_named_tailer_or_an_exclusive_appender()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        queue.CreateTailer("name").Dispose();
        using var stop = new CancellationTokenSource();
        Task looker = Task.Run(() =>
        {
            using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
            while (!stop.IsCancellationRequested)
            {
                _ = other.GetInfo();
            }
        });
        for (int round = 0; round < 200; round++)
        {
            queue.CreateTailer("name").Dispose();
            queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        }

        await stop.CancelAsync();
        await looker;
    }
}
