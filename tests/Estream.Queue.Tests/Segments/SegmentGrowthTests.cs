using System.Buffers.Binary;
using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A queue begins with a small segment, and each next one is four times as large, up to the size in the options.</summary>
public sealed class SegmentGrowthTests : QueueCase
{
    private const long Largest = 4L << 20;
    private const int Mebibyte = 1 << 20;

    private static QueueOptions Growing => new() { SegmentBytes = Largest };

    [Theory]
    [InlineData(AppenderMode.Exclusive, false)]
    [InlineData(AppenderMode.Shared, false)]
    [InlineData(AppenderMode.Shared, true)]
    public void A_queue_of_one_message_takes_less_than_one_MiB_on_disk(AppenderMode mode, bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted) with { SegmentBytes = new QueueOptions().SegmentBytes };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        appender.Append("one"u8);
        using QueueTailer tailer = queue.CreateTailer("reader");
        Assert.True(tailer.TryRead(out _));
        Assert.InRange(BytesOnDisk(), 1, Mebibyte - 1);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive, false)]
    [InlineData(AppenderMode.Shared, false)]
    [InlineData(AppenderMode.Exclusive, true)]
    public void Segments_become_four_times_as_large_up_to_the_size_of_the_queue(AppenderMode mode, bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted) with { SegmentBytes = Largest };
        List<long> positions = Fill(options, mode, messages: 1_500);
        Assert.Equal([256 << 10, Mebibyte, Largest, Largest, Largest], SegmentFiles().Select(FrameBytes).Take(5));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueTailer tailer = queue.CreateTailer();
        for (int i = 0; i < positions.Count; i++)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal((positions[i], i), (message.Position, BinaryPrimitives.ReadInt32LittleEndian(message.Payload)));
        }

        Assert.False(tailer.TryRead(out _));
        foreach (int i in (int[])[0, 40, 41, 42, 43, 200, 700, positions.Count - 1])
        {
            tailer.Seek(positions[i]);
            Assert.True(tailer.TryRead(out QueueMessage sought) && sought.Position == positions[i]);
            tailer.SeekToSequence(sought.Sequence);
            Assert.True(tailer.TryRead(out QueueMessage numbered) && numbered.Position == positions[i]);
        }

        Assert.True(queue.Verify().IsWhole);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_message_that_is_larger_than_the_first_segments_is_appended(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Growing);
        using QueueAppender appender = queue.CreateAppender(mode);
        byte[] large = new byte[queue.MaxMessageBytes];
        large.AsSpan().Fill(5);
        appender.Append("small"u8);
        appender.Append(large);
        using (BatchClaim batch = appender.ClaimBatch(3 * Mebibyte, 2))
        {
            batch.Append(large.AsSpan(0, 2 * Mebibyte));
            batch.Append("end"u8);
            batch.Commit();
        }

        using QueueTailer tailer = queue.CreateTailer();
        int[] lengths = [.. Enumerable.Range(0, 4).Select(_ => tailer.TryRead(out QueueMessage message) ? message.Payload.Length : -1)];
        Assert.Equal([5, large.Length, 2 * Mebibyte, 3], lengths);
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void Appenders_of_two_queue_objects_grow_the_log_together()
    {
        const int Each = 6_000;
        using EstreamQueue first = EstreamQueue.Open(QueueDirectory, Growing);
        using EstreamQueue second = EstreamQueue.Open(QueueDirectory, Growing);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, writer =>
        {
            using QueueAppender appender = (writer % 2 == 0 ? first : second).CreateAppender();
            byte[] message = new byte[600];
            for (int i = 0; i < Each; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(message, writer);
                BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), i);
                appender.Append(message.AsSpan(0, 8 + ((i * 37) % 590)));
            }
        });

        int[] next = new int[4];
        using QueueTailer tailer = second.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            int writer = BinaryPrimitives.ReadInt32LittleEndian(message.Payload);
            Assert.Equal(next[writer]++, BinaryPrimitives.ReadInt32LittleEndian(message.Payload[4..]));
        }

        Assert.All(next, count => Assert.Equal(Each, count));
        Assert.True(first.Verify().IsWhole);
    }

    [Fact]
    public void Retention_keeps_the_bytes_of_small_segments()
    {
        const long Retained = 2L << 20;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Growing with { RetainedBytes = Retained });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[10_000];
        long appended = 0;
        while (queue.OldestPosition() / Largest == 0)
        {
            appender.Append(message);
            appended += message.Length;
            QueueInfo info = queue.GetInfo();
            Assert.InRange(info.LogBytes, Math.Min(appended, Retained), long.MaxValue);
            Assert.InRange(appended, 0, 4 * Largest);
        }

        Assert.InRange(appended, Retained, 4 * Largest);
    }

    [Fact]
    public void Lag_and_log_size_leave_out_the_positions_that_no_segment_has()
    {
        Fill(Growing, AppenderMode.Exclusive, messages: 300);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Growing);
        using QueueTailer tailer = queue.CreateTailer("reader");
        QueueInfo info = queue.GetInfo();
        Assert.InRange(info.LogBytes, 3_000_000, 3_200_000);
        Assert.InRange(info.EndPosition - info.FirstPosition, 2 * Largest, 3 * Largest);
        Assert.Equal(info.LogBytes, info.Tailers[0].LagBytes);
        Assert.Equal(-info.LogBytes, queue.BytesBetween(info.EndPosition, info.FirstPosition));
    }

    [Theory]
    [InlineData((256 << 10) - 8)]
    [InlineData(256 << 10)]
    [InlineData(1 << 20)]
    [InlineData(Largest - 16)]
    [InlineData(Largest + (1 << 20))]
    public void Seek_throws_for_a_position_after_the_end_of_a_small_segment(long position)
    {
        Fill(Growing, AppenderMode.Shared, messages: 300);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Throws<ArgumentException>(() => tailer.Seek(position));
        Assert.False(tailer.TrySeek(position));
        Assert.True(tailer.TryRead(out _));
    }

    [Fact]
    public void A_truncated_small_segment_is_reported()
    {
        Fill(Growing, AppenderMode.Exclusive, messages: 100);
        using (FileStream file = File.Open(SegmentFile(0), FileMode.Open))
        {
            file.SetLength(200_000);
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() => queue.CreateTailer().TryRead(out _));
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_with_equal_segments_keeps_its_version_and_sizes()
    {
        LogCopy.Open(QueueDirectory, sourceId: 17, Growing, hasSmallStart: false).Dispose();
        Fill(Growing, AppenderMode.Shared, messages: 100);
        Assert.Equal([Largest], SegmentFiles().Select(FrameBytes));
        Assert.Equal(2, BinaryPrimitives.ReadInt32LittleEndian(File.ReadAllBytes(InQueue("queue.meta")).AsSpan(8)));
    }

    [Fact]
    public void A_new_queue_that_grows_has_version_3_and_the_size_of_its_first_segment()
    {
        Fill(Growing, AppenderMode.Exclusive, messages: 1);
        byte[] file = File.ReadAllBytes(InQueue("queue.meta"));
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)));
        Assert.Equal(256 << 10, BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(40)));
    }

    // Messages of 10,000 bytes that begin with their number.
    private List<long> Fill(QueueOptions options, AppenderMode mode, int messages)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        byte[] message = new byte[10_000];
        List<long> positions = [];
        for (int i = 0; i < messages; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(message, i);
            positions.Add(appender.Append(message));
        }

        return positions;
    }

    // The index follows the frames: 16 bytes for each 64 KiB, at least a page.
    private long FrameBytes(long index) => 1L << (int)Math.Log2(new FileInfo(SegmentFile(index)).Length);

    private long BytesOnDisk() =>
        long.Parse(ChildProcess.Run("du", ["-s", "-B1", QueueDirectory]).EnsureSuccess().Output.Split('\t')[0]);
}
