using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A queue on a file system with huge pages uses huge pages without configuration. The check uses the counts of the
/// kernel.</summary>
public sealed class HugePagesTests
{
    private const int SegmentBytes = 4 << 20;
    private const int MessageBytes = 1000;

    private static QueueOptions Options => new() { SegmentBytes = SegmentBytes };

    [MountTheory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_queue_uses_huge_pages_on_a_private_tmpfs(AppenderMode mode)
    {
        using var disk = new TmpfsMount(64 << 20, "huge=always");
        using EstreamQueue queue = EstreamQueue.Open(disk.Combine("queue"), Options);
        using QueueAppender appender = queue.CreateAppender(mode);
        Fill(appender, segments: 3);
        Assert.True(HugePageMappings.BytesBelow(disk.Path) >= SegmentBytes, "no segment is mapped by huge pages");
        AssertReads(queue, appender.NextSequence);
    }

    [ReservedHugePagesFact]
    public void A_queue_uses_huge_pages_on_hugetlbfs()
    {
        // The files of names and cursors take a page each.
        using var pages = new ReservedHugePages(24);
        string directory = pages.Combine("queue");
        long written;
        using (EstreamQueue queue = EstreamQueue.Open(directory, Options))
        {
            using (QueueAppender shared = queue.CreateAppender())
            {
                Fill(shared, segments: 2);
            }

            using QueueAppender exclusive = queue.CreateAppender(AppenderMode.Exclusive);
            Fill(exclusive, segments: 4);
            written = exclusive.NextSequence;
            AssertReads(queue, written);
            using QueueTailer named = queue.CreateTailer("reader");
            Assert.True(named.TryRead(out _));
            named.Commit();
        }

        using EstreamQueue reader = EstreamQueue.OpenReadOnly(directory);
        AssertReads(reader, written);
        using EstreamQueue again = EstreamQueue.Open(directory);
        using QueueTailer resumed = again.CreateTailer("reader");
        Assert.True(resumed.TryRead(out QueueMessage second));
        Assert.Equal(1, second.Sequence);
    }

    [ReservedHugePagesFact]
    public void Retention_encryption_and_durable_appends_work_on_hugetlbfs()
    {
        using var pages = new ReservedHugePages(64);
        using TempDirectory keys = new();
        string directory = pages.Combine("queue");
        QueueOptions options = Options with
        {
            RetainedBytes = 2 * SegmentBytes,
            Keys = QueueKeyRing.FromFile(TestKeys.Write(keys.Combine("keys"), "first")),
        };
        using (EstreamQueue queue = EstreamQueue.Open(directory, options))
        {
            using QueueAppender appender = queue.CreateAppender();
            Fill(appender, segments: 6);
            appender.Append(new byte[MessageBytes], Durability.Every);
            Eventually.True(() => queue.GetInfo().FirstSequence > 0, "old segments are deleted");
        }

        using EstreamQueue again = EstreamQueue.Open(directory, options);
        Assert.True(again.Verify().IsWhole);
    }

    private static void Fill(QueueAppender appender, int segments)
    {
        byte[] message = new byte[MessageBytes];
        while (appender.NextPosition < segments * (long)SegmentBytes)
        {
            message.AsSpan().Fill((byte)appender.NextSequence);
            appender.Append(message);
        }
    }

    private static void AssertReads(EstreamQueue queue, long messages)
    {
        using QueueTailer tailer = queue.CreateTailer();
        long read = 0;
        for (; tailer.TryRead(out QueueMessage message); read++)
        {
            Assert.Equal(MessageBytes, message.Payload.Length);
            Assert.Equal(-1, message.Payload.IndexOfAnyExcept((byte)message.Sequence));
        }

        Assert.Equal(messages, read);
        Assert.True(queue.Verify().IsWhole);
    }
}
