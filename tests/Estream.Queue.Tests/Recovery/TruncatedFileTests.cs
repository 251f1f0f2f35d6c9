using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>A segment that another program truncates while it is mapped. An access to a page after its end would end this test process with
/// SIGBUS. Every part is loaded before its first use, so the result is an exception instead.</summary>
public sealed class TruncatedFileTests : QueueCase
{
    private const long Segment = 4 << 20;
    private const long Cut = 2 << 20;
    private const int Messages = 150;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tailer_reads_up_to_the_truncation_and_then_names_the_file(bool isEncrypted)
    {
        using EstreamQueue queue = OpenAfterWriting(isEncrypted);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Truncate(0, Cut);
        int read = 1;
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() =>
        {
            while (tailer.TryRead(out QueueMessage message))
            {
                Assert.Equal(read++, message.Sequence);
            }
        });
        Assert.Equal((SegmentFile(0), Cut), (error.Path, error.Offset));
        Assert.InRange(read, 29, 31);
        Assert.Contains("restore it from a copy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_reports_a_truncated_file_as_damage()
    {
        using EstreamQueue queue = OpenAfterWriting();
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Truncate(0, Cut);
        QueueDamage damage = Assert.IsType<QueueDamage>(queue.Verify().Damage);
        Assert.Equal((SegmentFile(0), Cut), (damage.Path, damage.Offset));
    }

    [Fact]
    public void A_seek_past_the_truncation_throws_and_the_tailer_does_not_move()
    {
        using EstreamQueue queue = OpenAfterWriting();
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage first));
        long place = first.Position;
        Truncate(0, Cut);
        Assert.Throws<EstreamCorruptionException>(() => tailer.SeekToSequence(45));
        Assert.Throws<EstreamCorruptionException>(() => tailer.Seek(Cut + 4096));
        tailer.Seek(place);
        Assert.True(tailer.TryRead(out QueueMessage again));
        Assert.Equal(0, again.Sequence);
    }

    [Fact]
    public void GetInfo_and_SeekToEnd_do_not_read_past_the_truncation_of_the_last_segment()
    {
        using EstreamQueue queue = OpenAfterWriting();
        using QueueTailer tailer = queue.CreateTailer();

        // Reads message by message, because a seek would load other parts of the segment through its index.
        do
        {
            Assert.True(tailer.TryRead(out _));
        }
        while (tailer.Position < 2 * Segment);

        Truncate(2, 1 << 20);
        Assert.Throws<EstreamCorruptionException>(queue.GetInfo);
        Assert.Throws<EstreamCorruptionException>(tailer.SeekToEnd);
    }

    [Fact]
    public void A_segment_truncated_earlier_is_named_when_it_is_entered()
    {
        using EstreamQueue queue = OpenAfterWriting();
        Truncate(0, Cut);
        using QueueTailer tailer = queue.CreateTailer();
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() => tailer.TryRead(out _));
        Assert.Equal(SegmentFile(0), error.Path);
    }

    private void Truncate(long index, long length)
    {
        using FileStream file = new(SegmentFile(index), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }

    // Writes a queue and opens it again with a new segment cache. The cache of the writer would load nothing, because the writer has
    // written all pages itself.
    private EstreamQueue OpenAfterWriting(bool isEncrypted = false)
    {
        QueueOptions options = new()
        {
            SegmentBytes = Segment, FirstSegmentBytes = Segment, Keys = isEncrypted ? TestKeys.Ring("first") : null,
        };
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            for (int i = 0; i < Messages; i++)
            {
                appender.Append(new byte[65_536]);
            }
        }

        return EstreamQueue.OpenReadOnly(QueueDirectory, options);
    }
}
