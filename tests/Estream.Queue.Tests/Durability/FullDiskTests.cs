using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A disk with space for four segments: appended messages stay, further appends are refused, and they work again when there is
/// space.</summary>
public sealed class FullDiskTests : QueueCase
{
    private const int Room = (4 * (SegmentBytes + 4096)) + (6 * 4096);

    [MountFact]
    public void A_full_disk_fails_appends_loses_nothing_and_appends_continue_when_there_is_space()
    {
        using var disk = new TmpfsMount(Room);
        using EstreamQueue queue = EstreamQueue.Open(disk.Combine("queue"), Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = queue.CreateTailer();
        AssertDiskFull(appender);
        long stored = appender.NextSequence;
        long position = appender.NextPosition;
        AssertDiskFull(appender);
        Assert.Throws<EstreamStorageException>(() => appender.Claim(SegmentBytes / 2).Commit());
        Assert.Equal((stored, position), (appender.NextSequence, appender.NextPosition));
        Assert.Equal(stored, ReadToEnd(tailer, 0));
        Assert.True(queue.Verify().IsWhole);

        disk.Resize(2 * Room);
        AppendSegments(appender, 2);
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, stored));
    }

    [MountFact]
    public void A_new_appender_on_a_full_disk_finds_all_messages_and_fills_the_last_segment()
    {
        using var disk = new TmpfsMount(Room);
        long stored;
        using (EstreamQueue queue = EstreamQueue.Open(disk.Combine("queue"), Small))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            AssertDiskFull(appender);
            stored = appender.NextSequence;
        }

        using EstreamQueue again = EstreamQueue.Open(disk.Combine("queue"));
        using QueueAppender next = again.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(stored, next.NextSequence);
        AssertDiskFull(next);
        Assert.Equal(next.NextSequence, ReadToEnd(again.CreateTailer(), 0));
    }

    [MountFact]
    public void Creating_a_queue_or_a_name_on_a_full_disk_fails_with_one_clear_error_and_can_be_repeated()
    {
        using var disk = new TmpfsMount(2 * 4096);
        File.WriteAllBytes(disk.Combine("ballast"), new byte[2 * 4096]);
        AssertFull(() => EstreamQueue.Open(disk.Combine("queue"), Small));
        AssertFull(() => EstreamQueue.Open(disk.Combine("queue"), Small));
        disk.Resize(64 << 10);
        using EstreamQueue queue = EstreamQueue.Open(disk.Combine("queue"), Small);
        AssertFull(() => queue.CreateAppender(AppenderMode.Exclusive));
        AssertFull(() => queue.CreateAppender(AppenderMode.Exclusive));
        disk.Resize(1 << 20);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        Assert.Equal(3, ReadToEnd(queue.CreateTailer("name"), 0));
    }

    [MountFact]
    public void With_retention_a_small_disk_is_large_enough_for_a_long_log()
    {
        using var disk = new TmpfsMount(Room);
        using EstreamQueue queue = EstreamQueue.Open(disk.Combine("queue"), Small with { RetainedBytes = 2 * SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 40);
        AssertReadsFromItsOldest(queue);
    }

    private static void AssertDiskFull(QueueAppender appender) => AssertFull(() => AppendSegments(appender, 10));

    private static void AssertFull(Action action)
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(action);
        Assert.Equal(StorageFailure.DiskFull, error.Reason);
        Assert.True(error.IsTransient);
    }
}
