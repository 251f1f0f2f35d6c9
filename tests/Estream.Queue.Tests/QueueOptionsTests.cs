using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Options out of range are refused before any file is created. An existing queue keeps its own segment size.</summary>
public sealed class QueueOptionsTests : QueueCase
{
    public static TheoryData<QueueOptions, string> OutOfRange => new()
    {
        { new QueueOptions { SegmentBytes = 0 }, "SegmentBytes is 0;" },
        { new QueueOptions { SegmentBytes = -1 }, "SegmentBytes is -1;" },
        { new QueueOptions { SegmentBytes = 32 << 10 }, "SegmentBytes is 32768;" },
        { new QueueOptions { SegmentBytes = (64 << 10) + 1 }, "SegmentBytes is 65537;" },
        { new QueueOptions { SegmentBytes = 2L << 30 }, "SegmentBytes is 2147483648;" },
        { new QueueOptions { SegmentBytes = long.MinValue }, "SegmentBytes is -9223372036854775808;" },
        { new QueueOptions { RetainedBytes = -1 }, "RetainedBytes is -1;" },
        { new QueueOptions { Checksum = (FrameChecksum)2 }, "Checksum is 2;" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void An_option_out_of_range_is_reported_with_its_value(QueueOptions options, string words)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => EstreamQueue.Open(QueueDirectory, options));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(QueueDirectory));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void A_queue_without_a_directory_is_refused(string? directory)
    {
        Assert.ThrowsAny<ArgumentException>(() => EstreamQueue.Open(directory!));
        Assert.ThrowsAny<ArgumentException>(() => EstreamQueue.OpenReadOnly(directory!));
    }

    [Fact]
    public void An_existing_queue_keeps_its_segment_size()
    {
        long messages = MakeQueue(2);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, new QueueOptions { SegmentBytes = 1 << 20 });
        Assert.Equal(SegmentBytes, queue.SegmentBytes);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 1);
        Assert.Equal(SegmentBytes + 4096, new FileInfo(SegmentFile(2)).Length);
        Assert.True(appender.NextSequence > messages);
    }

    [Fact]
    public void A_change_of_checksums_applies_from_the_next_segment()
    {
        MakeQueue(1, Small with { Checksum = FrameChecksum.None });
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            AppendSegments(appender, 2);
            Assert.Equal(appender.NextSequence, ReadToEnd(queue.CreateTailer(), 0));
            Assert.True(queue.Verify().IsWhole);
        }

        Assert.Equal([0, 1, 1], Enumerable.Range(0, 3).Select(i => (int)File.ReadAllBytes(SegmentFile(i))[56]));
    }

    [Fact]
    public void Every_allowed_segment_size_accepts_its_longest_message()
    {
        for (long bytes = 64 << 10; bytes <= 4 << 20; bytes *= 2)
        {
            using EstreamQueue queue = EstreamQueue.Open(Beside($"{bytes}"), new QueueOptions { SegmentBytes = bytes });
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            appender.Append(new byte[queue.MaxMessageBytes]);
            Assert.Equal(bytes - 288, queue.MaxMessageBytes);
            Assert.Equal(bytes - 16, appender.NextPosition % bytes);
            Assert.True(queue.Verify().IsWhole);
        }
    }

    /// <summary>The length word cannot state a length of one gibibyte, so the longest message is shorter than the largest
    /// segment.</summary>
    [Fact]
    public void The_longest_message_is_limited_by_the_length_word()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, new QueueOptions { SegmentBytes = 1L << 30 });
        Assert.Equal((1 << 28) - 1 - 16 - 7, queue.MaxMessageBytes);
    }
}
