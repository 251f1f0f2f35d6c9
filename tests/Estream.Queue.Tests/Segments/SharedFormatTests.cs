using System.Buffers.Binary;
using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>The bytes written by several writers, batches, the index and consuming readers, read from the files with the literal offsets of
/// docs/formats/queue.md.</summary>
public sealed class SharedFormatTests : QueueCase
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Tail_claims_and_pads_of_a_shared_segment_have_the_documented_layout()
    {
        using EstreamQueue queue = Open();
        using QueueAppender first = queue.CreateAppender();
        using QueueAppender second = queue.CreateAppender();
        Assert.Equal(256, first.Append("0123456789"u8));
        using AppendClaim claim = second.Claim(30);
        first.Claim(5).Dispose();
        byte[] open = File.ReadAllBytes(SegmentFile(0));
        Assert.Equal(2u, U32(open, 8));
        Assert.Equal(1u, U32(open, 60));
        Assert.Equal(Crc32C.Compute(open.AsSpan(16, 48)), U32(open, 12));
        Assert.Equal((3L << 32) | ((256 + 32 + 48 + 24) / 8), I64(open, 64));
        Assert.Equal(0, I64(open, 128));
        AssertFrame(open, 256, word: 26, number: 0, time: 0);

        // The claim word names slot 1 in its first epoch.
        Assert.Equal(0x8000_0000u | 48, U32(open, 288));
        Assert.Equal(1u | (1u << 8), U32(open, 292));
        AssertPad(open, 336, 24);
        _clock.PassNanos(7 * 100_000);
        claim.Commit(20);
        byte[] committed = File.ReadAllBytes(SegmentFile(0));
        AssertFrame(committed, 288, word: 36, number: 1, time: 0);
        AssertPad(committed, 328, 8);
    }

    [Fact]
    public void The_end_of_a_shared_segment_has_the_documented_layout()
    {
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender();
        appender.Append(new byte[40_000]);
        appender.Claim(10_000).Dispose();
        Assert.Equal(SegmentBytes + 256, appender.Append(new byte[40_000]));
        byte[] file = File.ReadAllBytes(SegmentFile(0));
        int end = 256 + 40_016 + 10_016;
        Assert.Equal((2L << 32) | ((long)end / 8), I64(file, 128));
        AssertFrame(file, end, word: 0x1000_0010, number: 1, time: 2);
        Assert.Equal(2, I64(File.ReadAllBytes(SegmentFile(1)), 40));
    }

    [Fact]
    public void The_writer_table_has_the_documented_layout()
    {
        using EstreamQueue queue = Open();
        using QueueAppender first = queue.CreateAppender();
        for (int life = 1; life <= 3; life++)
        {
            using QueueAppender second = queue.CreateAppender();
            long position = second.Append("x"u8);
            byte[] file = File.ReadAllBytes(InQueue("writers.tab"));
            Assert.Equal(4096 + (256 * 128), file.Length);
            Assert.Equal("ESTRWRT1"u8, file.AsSpan(0, 8));
            Assert.Equal(1u, U32(file, 8));
            Assert.Equal(Crc32C.Compute(file.AsSpan(16, 8)), U32(file, 12));
            Assert.Equal(queue.Files.QueueId, I64(file, 16));
            Assert.Equal(256, I64(file, 4096));
            Assert.Equal(position, I64(file, 4096 + 128));
            Assert.Equal(life, I64(file, 4096 + 128 + 8));
            Assert.Equal(Environment.ProcessId, (int)U32(file, 4096 + 128 + 16));
            Assert.NotEqual(0, I64(file, 4096 + 128 + 24));
        }

        byte[] left = File.ReadAllBytes(InQueue("writers.tab"));
        Assert.Equal(0u, U32(left, 4096 + 128 + 16));
        Assert.Equal(3, I64(left, 4096 + 128 + 8));
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void An_index_entry_has_the_documented_layout(AppenderMode mode)
    {
        QueueOptions options = new() { SegmentBytes = 1 << 20, FirstSegmentBytes = 1 << 20, Clock = _clock };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        appender.Append(new byte[65_000]);
        _clock.PassNanos(5 * 100_000);
        long across = appender.Append(new byte[200_000]);
        appender.Append(new byte[1_000]);
        byte[] file = File.ReadAllBytes(SegmentFile(0));
        Assert.Equal((1 << 20) + 4096, file.Length);
        for (int entry = 1 << 20; entry < (1 << 20) + (4 * 16); entry += 16)
        {
            Assert.Equal(across / 8, U32(file, entry));
            Assert.Equal(1u, U32(file, entry + 4));
            Assert.Equal(5u, U32(file, entry + 8));
            Assert.Equal(Crc32C.Append(U32(file, 12), file.AsSpan(entry, 12)), U32(file, entry + 12));
        }

        Assert.All(file[((1 << 20) + (4 * 16))..], b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_batch_and_its_consumer_offset_have_the_documented_layout(AppenderMode mode)
    {
        using EstreamQueue source = EstreamQueue.Open(Beside("source"), Small);
        using (QueueAppender feeder = source.CreateAppender(AppenderMode.Exclusive))
        {
            AppendUpTo(feeder, 2);
        }

        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(mode);
        using QueueTailer tailer = source.CreateTailer("pipe", queue);
        Assert.True(tailer.TryRead(out _));
        using BatchClaim batch = appender.ClaimBatch(40, 2, tailer);
        batch.Append("first"u8);
        batch.Append("second"u8);
        batch.Commit();
        byte[] file = File.ReadAllBytes(SegmentFile(0));
        AssertFrame(file, 256, word: 21, number: 0x8000_0000, time: 0);
        AssertFrame(file, 280, word: 22, number: 0x8000_0001, time: 0);
        AssertFrame(file, 304, word: 0x1000_0000 | 36, number: 0x4000_0003, time: 0);
        Assert.Equal(source.Files.QueueId, I64(file, 320));
        Assert.Equal(tailer.Position, I64(file, 328));
        Assert.Equal("pipe"u8, file.AsSpan(336, 4));
        using MemoryRegion cursor =
            FileStorage.Instance.OpenRegion(Path.Combine(Beside("source"), "tailers", "pipe.cursor"), RegionAccess.ReadOnly);
        Assert.Equal(tailer.Position, cursor.All.ReadInt64(64));
        Assert.Equal(256, cursor.All.ReadInt64(72));
        tailer.Dispose();
        Assert.Equal(0, cursor.All.ReadInt64(72));
    }

    private EstreamQueue Open() => EstreamQueue.Open(QueueDirectory, Small with { Clock = _clock });

    private static void AssertFrame(byte[] file, int offset, uint word, uint number, uint time)
    {
        Assert.Equal(word, U32(file, offset));
        Assert.Equal(number, U32(file, offset + 8));
        Assert.Equal(time, U32(file, offset + 12));
        Assert.Equal(Crc32C.Append(U32(file, 12), file.AsSpan(offset + 8, (int)(word & 0x0FFF_FFFF) - 8)), U32(file, offset + 4));
    }

    private static void AssertPad(byte[] file, int offset, uint bytes)
    {
        Assert.Equal(0x3000_0000u | bytes, U32(file, offset));
        Assert.Equal(Crc32C.Append(U32(file, 12), file.AsSpan(offset, 4)), U32(file, offset + 4));
    }

    private static uint U32(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));

    private static long I64(byte[] file, int offset) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(offset));
}
