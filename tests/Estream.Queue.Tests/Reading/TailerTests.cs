using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Where tailers start, seek and resume.</summary>
public sealed class TailerTests : QueueCase
{
    [Fact]
    public void A_named_tailer_resumes_at_the_message_that_was_not_committed()
    {
        MakeQueue(2);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using (QueueTailer first = queue.CreateTailer("reader"))
        {
            AssertReads(first, 0, 1, 2);
        }

        using (QueueTailer again = queue.CreateTailer("reader"))
        {
            AssertReads(again, 2, 3);
            again.Commit();
        }

        using QueueTailer committed = queue.CreateTailer("reader");
        AssertReads(committed, 4);
    }

    [Fact]
    public void A_named_tailer_of_a_killed_process_resumes_at_its_last_message()
    {
        MakeQueue(1);
        using (var other = StartOther("name", QueueDirectory, "reader"))
        {
            other.WaitForText("reading");
            other.Kill();
        }

        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer("reader");
        AssertReads(tailer, 0, 1);
    }

    [Fact]
    public void A_named_tailer_resumes_at_every_position()
    {
        long messages = MakeQueue(3);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        for (long sequence = 0; sequence < messages; sequence++)
        {
            using QueueTailer tailer = queue.CreateTailer("reader");
            AssertReads(tailer, sequence);
            tailer.Commit();
        }

        using QueueTailer end = queue.CreateTailer("reader");
        Assert.False(end.TryRead(out _));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, messages + 1);
        AssertReads(end, messages);
    }

    [Fact]
    public void Tailer_names_are_independent_and_new_ones_start_at_the_oldest_message()
    {
        MakeQueue(1);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer a = queue.CreateTailer("a");
        AssertReads(a, 0, 1, 2);
        using QueueTailer b = queue.CreateTailer("b");
        AssertReads(b, 0);
        Assert.Equal([("a", a.Position), ("b", b.Position)], Committed(queue, a, b));
    }

    [Fact]
    public void A_tailer_of_an_empty_queue_gets_the_first_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueTailer tailer = queue.CreateTailer();
        using QueueTailer named = queue.CreateTailer("named");
        tailer.SeekToEnd();
        tailer.SeekToStart();
        tailer.Seek(queue.GetInfo().EndPosition);
        Assert.False(tailer.TryRead(out _));
        named.Dispose();
        using QueueTailer resumed = queue.CreateTailer("named");
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 1);
        AssertReads(tailer, 0);
        AssertReads(resumed, 0);
    }

    [Fact]
    public void Seek_goes_to_any_message_and_to_both_ends()
    {
        MakeQueue(3);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        var positions = new List<long>();
        while (tailer.TryRead(out QueueMessage message))
        {
            positions.Add(message.Position);
        }

        Assert.Equal(queue.GetInfo().EndPosition, tailer.Position);
        long end = tailer.Position;
        var random = new Random(11);
        for (int i = 0; i < 300; i++)
        {
            int sequence = random.Next(positions.Count);
            tailer.Seek(positions[sequence]);
            Assert.Equal(positions[sequence], tailer.Position);
            AssertReads(tailer, sequence);
        }

        tailer.SeekToStart();
        AssertReads(tailer, 0);
        tailer.SeekToEnd();
        Assert.Equal(end, tailer.Position);
        Assert.False(tailer.TryRead(out _));
        tailer.Seek(end);
        Assert.False(tailer.TryRead(out _));
    }

    [Theory]
    [InlineData(FrameChecksum.Crc32C)]
    [InlineData(FrameChecksum.None)]
    public void Seeking_to_a_position_without_a_message_throws_and_does_not_move(FrameChecksum checksum)
    {
        MakeQueue(2, Small with { Checksum = checksum });
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        AssertReads(tailer, 0);
        long before = tailer.Position;
        long end = queue.GetInfo().EndPosition;
        foreach (long position in (long[])[
            -1, long.MinValue, 0, 8, 255, 257, 264, before + 1, before + 8, end + 8, end + 4096,
            SegmentBytes - 8, SegmentBytes, SegmentBytes + 8, 2 * SegmentBytes + 256, 1L << 40, long.MaxValue])
        {
            ArgumentException error = Assert.Throws<ArgumentException>(nameof(position), () => tailer.Seek(position));
            Assert.Contains($"{position}", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, tailer.Position);
        }

        AssertReads(tailer, 1);
    }

    /// <summary>A reused segment is full of whole frames of its earlier use. Frames after the end of the log do not count, with or without
    /// checksums.</summary>
    [Theory]
    [InlineData(FrameChecksum.Crc32C)]
    [InlineData(FrameChecksum.None)]
    public void Seeking_to_a_frame_of_a_reused_segment_throws(FrameChecksum checksum)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = SegmentBytes, Checksum = checksum });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[104];
        while (appender.NextPosition < 6 * SegmentBytes)
        {
            appender.Append(message);
        }

        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(SegmentFiles()[0] > 0, "no segment was reused");
        for (long offset = appender.NextPosition + 120; offset < 7 * SegmentBytes - 120; offset += 120)
        {
            Assert.Throws<ArgumentException>("position", () => tailer.Seek(offset));
        }
    }

    [Fact]
    public void A_missing_segment_is_an_error_and_not_the_end_of_the_queue()
    {
        MakeQueue(4);
        File.Delete(SegmentFile(1));
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        AssertNames<EstreamCorruptionException>(SegmentFile(1), -1, () => ReadToEnd(tailer));
        AssertNames<EstreamCorruptionException>(SegmentFile(1), -1, () => tailer.TryRead(out _));
        tailer.Seek(2 * SegmentBytes + 256);
        Assert.True(ReadToEnd(tailer) > 0);
        Assert.Contains("missing", queue.Verify().Damage!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.seg")]
    [InlineData("0000000000000.seg")]
    [InlineData("000000000000 (copy).seg")]
    [InlineData("999999999999.seg")]
    [InlineData("99999999999999999999.seg")]
    [InlineData("-00000000001.seg")]
    public void A_file_that_only_looks_like_a_segment_is_ignored(string name)
    {
        long messages = MakeQueue(2);
        File.Copy(SegmentFile(0), InQueue(name));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, new QueueOptions());
        if (name == "999999999999.seg")
        {
            // The name is a valid segment name only for small segments, as in this queue. The file therefore counts as a segment, but its
            // header has another number.
            AssertNames<EstreamCorruptionException>(InQueue(name), 24, () => queue.CreateAppender(AppenderMode.Exclusive));
            return;
        }

        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(messages, appender.NextSequence);
        Assert.True(queue.Verify().IsWhole);
    }

    private static void AssertReads(QueueTailer tailer, params long[] sequences)
    {
        foreach (long sequence in sequences)
        {
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(sequence, message.Sequence);
            Assert.True(TestProcess.SeededMessage.Is(message.Payload, sequence));
        }
    }

    private static IEnumerable<(string, long)> Committed(EstreamQueue queue, params QueueTailer[] tailers)
    {
        foreach (QueueTailer tailer in tailers)
        {
            tailer.Commit();
        }

        return queue.GetInfo().Tailers.Select(t => (t.Name, t.Position));
    }
}
