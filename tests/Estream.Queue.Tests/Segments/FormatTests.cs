using System.Buffers.Binary;
using System.Diagnostics;
using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Every byte of docs/formats/queue.md, read from the files with literal offsets. A change of the format fails here, however the
/// writing code is arranged.</summary>
public sealed class FormatTests : QueueCase
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void The_queue_description_has_the_documented_layout()
    {
        using EstreamQueue queue = Open();
        byte[] file = File.ReadAllBytes(InQueue("queue.meta"));
        Assert.Equal(4096, file.Length);
        Assert.Equal("ESTRQUE1"u8, file.AsSpan(0, 8));
        Assert.Equal(2u, U32(file, 8));
        Assert.Equal(Crc32C.Compute(file.AsSpan(16, 48)), U32(file, 12));
        Assert.Equal(queue.Id, I64(file, 16));
        Assert.Equal(SegmentBytes, I64(file, 24));
        Assert.Equal(ManualClock.Start, I64(file, 32));
        Assert.All(file[40..256], b => Assert.Equal(0, b));
        Assert.Equal(FileStorage.Instance.BootId, new Guid(file.AsSpan(256, 16)));
        Assert.All(file[272..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void The_durable_position_has_the_documented_layout()
    {
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("durable"u8, Durability.Every);
        byte[] file = File.ReadAllBytes(InQueue("queue.meta"));
        Assert.Equal(appender.NextPosition, I64(file, 272));
        Assert.Equal(queue.DurablePosition, I64(file, 272));
        Assert.All(file[280..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void The_writer_is_recorded_while_it_lives_and_its_count_stays()
    {
        using EstreamQueue queue = Open();
        using Process self = Process.GetCurrentProcess();
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            using (queue.CreateAppender(AppenderMode.Exclusive))
            {
                byte[] held = File.ReadAllBytes(InQueue("queue.meta"));
                Assert.Equal(Environment.ProcessId, (int)U32(held, 64));
                Assert.Equal((self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).Ticks * 100, I64(held, 72));
                Assert.Equal(epoch, I64(held, 80));
                Assert.All(held[88..256], b => Assert.Equal(0, b));
            }

            byte[] free = File.ReadAllBytes(InQueue("queue.meta"));
            Assert.Equal(0u, U32(free, 64));
            Assert.Equal(epoch, I64(free, 80));
        }
    }

    [Theory]
    [InlineData(FrameChecksum.None)]
    [InlineData(FrameChecksum.Crc32C)]
    public void The_segment_header_has_the_documented_layout(FrameChecksum checksum)
    {
        using EstreamQueue queue = Open(checksum);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[40_000]);
        _clock.PassNanos(5_000_000_000);
        appender.Append(new byte[40_000]);
        byte[] file = File.ReadAllBytes(SegmentFile(1));
        Assert.Equal(SegmentBytes + 4096, file.Length);
        Assert.Equal("ESTRSEG1"u8, file.AsSpan(0, 8));
        Assert.Equal(2u, U32(file, 8));
        Assert.Equal(Crc32C.Compute(file.AsSpan(16, 48)), U32(file, 12));
        Assert.Equal(queue.Id, I64(file, 16));
        Assert.Equal(1, I64(file, 24));
        Assert.Equal(SegmentBytes, I64(file, 32));
        Assert.Equal(1, I64(file, 40));
        Assert.Equal(_clock.UtcNanos, I64(file, 48));
        Assert.Equal((uint)checksum, U32(file, 56));
        Assert.All(file[60..256], b => Assert.Equal(0, b));
        Assert.Equal(16u + 40_000, U32(file, 256));
    }

    [Theory]
    [InlineData(FrameChecksum.None)]
    [InlineData(FrameChecksum.Crc32C)]
    public void Frames_have_the_documented_layout(FrameChecksum checksum)
    {
        using EstreamQueue queue = Open(checksum);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(256, appender.Append("0123456789"u8));
        _clock.PassNanos(12_345 * 100_000);
        Assert.Equal(288, appender.Append([]));
        Assert.Equal(304, appender.NextPosition);
        byte[] file = File.ReadAllBytes(SegmentFile(0));
        AssertFrame(file, checksum, offset: 256, word: 26, number: 0, time: 0);
        Assert.Equal("0123456789"u8, file.AsSpan(272, 10));
        AssertFrame(file, checksum, offset: 288, word: 16, number: 1, time: 12_345);
        Assert.All(file[304..], b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(FrameChecksum.None)]
    [InlineData(FrameChecksum.Crc32C)]
    public void A_full_segment_ends_with_an_end_frame(FrameChecksum checksum)
    {
        using EstreamQueue queue = Open(checksum);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[queue.MaxMessageBytes]);
        Assert.Equal(SegmentBytes - 16, appender.NextPosition);
        Assert.Equal(SegmentBytes + 256, appender.Append("next"u8));
        byte[] file = File.ReadAllBytes(SegmentFile(0));
        AssertFrame(file, checksum, offset: SegmentBytes - 16, word: 0x1000_0010, number: 1, time: 1);
        AssertFrame(File.ReadAllBytes(SegmentFile(1)), checksum, offset: 256, word: 20, number: 0, time: 0);
    }

    [Fact]
    public void A_cursor_has_the_documented_layout()
    {
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 2);
        long position;
        using (QueueTailer tailer = queue.CreateTailer("a.B-c_9"))
        {
            tailer.TryRead(out _);
            tailer.Commit();
            position = tailer.Position;
        }

        byte[] file = File.ReadAllBytes(InQueue("tailers", "a.B-c_9.cursor"));
        Assert.Equal(4096, file.Length);
        Assert.Equal("ESTRCUR1"u8, file.AsSpan(0, 8));
        Assert.Equal(1u, U32(file, 8));
        Assert.Equal(Crc32C.Compute(file.AsSpan(16, 8)), U32(file, 12));
        Assert.Equal(queue.Id, I64(file, 16));
        Assert.Equal(position, I64(file, 64));
        Assert.NotEqual(256, position);
        Assert.All(file[24..64].Concat(file[72..]), b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_queue_consists_of_the_documented_files()
    {
        MakeQueue(2);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        queue.CreateTailer("name").Dispose();
        Assert.Equal(
            ["000000000000.seg", "000000000001.seg", "create.lock", "queue.meta", "spare.lock", "tailers/name.cursor", "writer.lock"],
            Directory.EnumerateFiles(QueueDirectory, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(QueueDirectory, f))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_limits_match_the_documented_ones()
    {
        Assert.Equal((1 << 28) - 1, FrameLayout.LengthMask);
        Assert.Equal(100_000, FrameLayout.TimeUnitNanos);
        using EstreamQueue queue = Open();
        Assert.Equal(SegmentBytes - 256 - 32, queue.MaxMessageBytes);
    }

    private EstreamQueue Open(FrameChecksum checksum = FrameChecksum.Crc32C) =>
        EstreamQueue.Open(QueueDirectory, Small with { Clock = _clock, Checksum = checksum });

    private static void AssertFrame(byte[] file, FrameChecksum checksum, int offset, uint word, uint number, uint time)
    {
        Assert.Equal(word, U32(file, offset));
        Assert.Equal(number, U32(file, offset + 8));
        Assert.Equal(time, U32(file, offset + 12));
        int covered = (int)(word & 0x0FFF_FFFF) - 8;
        uint expected = checksum == FrameChecksum.None ? 0 : Crc32C.Append(U32(file, 12), file.AsSpan(offset + 8, covered));
        Assert.Equal(expected, U32(file, offset + 4));
    }

    private static uint U32(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));

    private static long I64(byte[] file, int offset) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(offset));
}
