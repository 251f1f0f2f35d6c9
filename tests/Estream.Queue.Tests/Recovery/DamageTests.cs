using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Each damaged byte of a header, each damaged bit of a frame and each truncation of a file causes the correct exception with the
/// name of the file. It never causes another exception, a wrong message that passes verification, or an endless read.</summary>
public sealed class DamageTests : QueueCase
{
    public static TheoryData<int> CutLengths => [0, 1, 7, 8, 15, 16, 23, 31, 63, 64, 71, 255, 256, 4095];

    [Fact]
    public void Open_reports_every_damaged_byte_of_the_description()
    {
        MakeQueue(1);
        string path = InQueue("queue.meta");
        ForEachByte(path, 64, offset =>
        {
            AssertHeaderError(path, offset, () => EstreamQueue.Open(QueueDirectory));
            AssertHeaderError(path, offset, () => EstreamQueue.OpenReadOnly(QueueDirectory));
        });
    }

    [Fact]
    public void Every_damaged_byte_of_a_segment_header_is_reported_to_appenders_tailers_and_inspection()
    {
        MakeQueue(1);
        string path = SegmentFile(0);
        ForEachByte(path, 64, offset =>
        {
            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
            AssertHeaderError(path, offset, () => queue.CreateAppender(AppenderMode.Exclusive));
            AssertHeaderError(path, offset, () => queue.GetInfo());
            using QueueTailer tailer = queue.CreateTailer();
            AssertHeaderError(path, offset, () => tailer.TryRead(out _));
            AssertHeaderError(path, offset, () => tailer.Seek(256));
            AssertHeaderError(path, offset, tailer.SeekToEnd);
            Assert.Equal(path, queue.Verify().Damage?.Path);
        });
    }

    [Fact]
    public void Every_damaged_byte_of_a_cursor_is_reported_by_its_name()
    {
        MakeQueue(2);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        queue.CreateTailer("reader").Dispose();
        string path = InQueue("tailers", "reader.cursor");
        ForEachByte(path, 24, offset =>
        {
            AssertHeaderError(path, offset, () => queue.CreateTailer("reader"));
            AssertHeaderError(path, offset, () => queue.GetInfo());
        });
        queue.CreateTailer("reader").Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(257)]
    [InlineData(264)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(SegmentBytes + 8)]
    [InlineData((2 * SegmentBytes) + 256)]
    [InlineData((1L << 40) + 256)]
    public void A_cursor_that_points_to_no_message_is_rejected(long position)
    {
        MakeQueue(2);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        queue.CreateTailer("reader").Dispose();
        string path = InQueue("tailers", "reader.cursor");
        Overwrite(path, 64, BitConverter.GetBytes(position));
        AssertNames<EstreamCorruptionException>(path, 64, () => queue.CreateTailer("reader"));
        AssertNames<EstreamCorruptionException>(path, 64, () => queue.CreateTailer("reader"));
        File.Delete(path);
        queue.CreateTailer("reader").Dispose();
    }

    /// <summary>A cursor that cannot be checked when the tailer is created is checked before the first read at its position.</summary>
    [Fact]
    public void A_cursor_is_rejected_when_its_segment_cannot_be_opened()
    {
        MakeQueue(2);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        queue.CreateTailer("reader").Dispose();
        string path = InQueue("tailers", "reader.cursor");
        (long offset, _) = FrameAt(SegmentFile(0), 5);
        Overwrite(path, 64, BitConverter.GetBytes(offset + 8));
        byte[] magic = File.ReadAllBytes(SegmentFile(0))[..1];
        Overwrite(SegmentFile(0), 0, (byte)~magic[0]);
        using QueueTailer tailer = queue.CreateTailer("reader");
        Assert.Throws<EstreamCorruptionException>(() => tailer.TryRead(out _));
        Overwrite(SegmentFile(0), 0, magic);
        AssertNames<EstreamCorruptionException>(path, 64, () => tailer.TryRead(out _));
        AssertNames<EstreamCorruptionException>(path, 64, () => tailer.TryRead(out _));
        tailer.SeekToStart();
        Assert.True(tailer.TryRead(out QueueMessage first));
        Assert.Equal(0, first.Sequence);
    }

    [Fact]
    public void A_newer_version_is_reported_and_left_unchanged()
    {
        MakeQueue(1);
        foreach (string path in (string[])[SegmentFile(0), InQueue("queue.meta")])
        {
            byte version = File.ReadAllBytes(path)[8];
            Overwrite(path, 8, 3);
            byte[] before = File.ReadAllBytes(path);
            EstreamFormatException error = AssertNames<EstreamFormatException>(path, null, () =>
            {
                using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
                queue.CreateAppender(AppenderMode.Exclusive);
            });
            Assert.Contains("version 3", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(path));
            Overwrite(path, 8, version);
        }
    }

    [Fact]
    public void Files_of_another_queue_are_refused()
    {
        MakeQueue(1);
        using (EstreamQueue other = EstreamQueue.Open(Beside("other"), Small))
        {
            using QueueAppender appender = other.CreateAppender(AppenderMode.Exclusive);
            other.CreateTailer("reader").Dispose();
        }

        File.Copy(Path.Combine(Beside("other"), "000000000000.seg"), SegmentFile(0), overwrite: true);
        Directory.Move(Path.Combine(Beside("other"), "tailers"), InQueue("tailers"));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        AssertNames<EstreamFormatException>(SegmentFile(0), null, () => queue.CreateAppender(AppenderMode.Exclusive));
        AssertNames<EstreamFormatException>(InQueue("tailers", "reader.cursor"), null, () => queue.CreateTailer("reader"));
    }

    [Fact]
    public void A_renamed_segment_is_refused()
    {
        MakeQueue(2);
        File.Move(SegmentFile(0), SegmentFile(2));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        AssertNames<EstreamCorruptionException>(SegmentFile(2), 24, () => queue.CreateAppender(AppenderMode.Exclusive));
    }

    [Theory]
    [MemberData(nameof(CutLengths))]
    public void A_truncated_file_is_reported_by_its_exception_type(int length)
    {
        MakeQueue(1);
        using (EstreamQueue whole = EstreamQueue.Open(QueueDirectory))
        {
            whole.CreateTailer("reader").Dispose();
        }

        Cut(SegmentFile(0), length);
        Cut(InQueue("tailers", "reader.cursor"), length);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory))
        {
            AssertTyped(SegmentFile(0), () => queue.CreateAppender(AppenderMode.Exclusive));
            AssertTyped(SegmentFile(0), () => queue.CreateTailer().TryRead(out _));
            AssertTyped(InQueue("tailers", "reader.cursor"), () => queue.CreateTailer("reader"));
            Assert.Equal(SegmentFile(0), queue.Verify().Damage?.Path);
        }

        Cut(InQueue("queue.meta"), length);
        AssertTyped(InQueue("queue.meta"), () => EstreamQueue.Open(QueueDirectory));
        AssertTyped(InQueue("queue.meta"), () => EstreamQueue.OpenReadOnly(QueueDirectory));
    }

    [Theory]
    [InlineData(256, 16)]
    [InlineData(512, 16)]
    [InlineData(65_000, 16)]
    [InlineData(0, 16)]
    public void A_segment_truncated_after_its_header_is_reported(int length, int extra)
    {
        MakeQueue(1);
        Cut(SegmentFile(0), length + extra);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        AssertTyped(SegmentFile(0), () => queue.GetInfo());
    }

    [Fact]
    public void Every_damaged_bit_of_a_frame_or_end_frame_is_reported_at_its_offset()
    {
        MakeQueue(2);
        string path = SegmentFile(0);
        foreach ((long offset, int bytes) in (IEnumerable<(long, int)>)[FrameAt(path, 3), FrameAt(path, 40), EndOf(path)])
        {
            for (int bit = 0; bit < 8 * bytes; bit++)
            {
                Flip(path, offset + (bit / 8), bit % 8);
                using (EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory))
                {
                    QueueDamage? damage = queue.Verify().Damage;
                    Assert.True(damage is not null, $"bit {bit} of the frame at {offset} went unnoticed");
                    Assert.Equal((path, offset), (damage.Path, damage.Offset));
                    using QueueTailer tailer = queue.CreateTailer();
                    ReadWhatThereIs(tailer);
                }

                Flip(path, offset + (bit / 8), bit % 8);
            }
        }
    }

    [Theory]
    [InlineData(0x2000_0020, "is damaged")]
    [InlineData(0x3000_0020, "is damaged")]
    [InlineData(0x4000_0020, "does not know")]
    [InlineData(0x1000_0018, "does not know")]
    [InlineData(0x1FFF_FFF8, "is damaged")]
    [InlineData(0x1000_0008, "is damaged")]
    [InlineData(0x0000_000F, "is damaged")]
    [InlineData(0x0000_0001, "is damaged")]
    [InlineData(0x0FFF_FFFF, "is damaged")]
    public void An_invalid_length_word_stops_tailer_appender_and_info_with_file_and_offset(int word, string words)
    {
        MakeQueue(1);
        (long offset, _) = FrameAt(SegmentFile(0), 5);
        Overwrite(SegmentFile(0), offset, BitConverter.GetBytes(word));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        foreach (Action action in (Action[])[() => ReadToEnd(tailer), () => tailer.TryRead(out _),
            () => queue.CreateAppender(AppenderMode.Exclusive), () => queue.GetInfo(), tailer.SeekToEnd])
        {
            EstreamCorruptionException error = AssertNames<EstreamCorruptionException>(SegmentFile(0), offset, action);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
            Assert.Equal(offset, tailer.Position);
        }
    }

    /// <summary>An exclusive writer leaves no claim words: a reader that waited for a commit would never continue.</summary>
    [Fact]
    public void A_claimed_frame_stops_readers_and_an_appender_does_not_overwrite_it()
    {
        MakeQueue(1);
        (long offset, _) = FrameAt(SegmentFile(0), 5);
        Overwrite(SegmentFile(0), offset + 3, 0x80);
        byte[] before = File.ReadAllBytes(SegmentFile(0));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        AssertNames<EstreamCorruptionException>(SegmentFile(0), offset, () => ReadToEnd(tailer, 0));
        Assert.Equal(offset, tailer.Position);
        AssertNames<EstreamCorruptionException>(SegmentFile(0), offset, () => tailer.TryRead(out _));
        AssertNames<EstreamCorruptionException>(SegmentFile(0), offset, () => queue.CreateAppender(AppenderMode.Exclusive));
        Assert.Equal(before, File.ReadAllBytes(SegmentFile(0)));
    }

    [Fact]
    public void A_description_with_a_valid_checksum_is_still_checked_against_the_limits()
    {
        MakeQueue(1);
        string path = InQueue("queue.meta");
        foreach (long bytes in (long[])[0, -1, 1, 4096, 65_537, 1L << 31, long.MinValue])
        {
            Overwrite(path, 24, BitConverter.GetBytes(bytes));
            Overwrite(path, 12, BitConverter.GetBytes(Crc32C.Compute(File.ReadAllBytes(path).AsSpan(16, 48))));
            AssertNames<EstreamFormatException>(path, null, () => EstreamQueue.Open(QueueDirectory));
        }
    }

    [Fact]
    public void A_checksum_kind_of_a_newer_release_is_reported()
    {
        MakeQueue(1);
        Overwrite(SegmentFile(0), 56, 2);
        Overwrite(SegmentFile(0), 12, BitConverter.GetBytes(Crc32C.Compute(File.ReadAllBytes(SegmentFile(0)).AsSpan(16, 48))));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        AssertNames<EstreamFormatException>(SegmentFile(0), null, () => queue.CreateAppender(AppenderMode.Exclusive));
    }

    private static void AssertHeaderError(string path, int offset, Action action)
    {
        if (offset < 8)
        {
            EstreamCorruptionException error = AssertNames<EstreamCorruptionException>(path, 0, action);
            Assert.Contains("its first eight bytes are wrong", error.Message, StringComparison.Ordinal);
        }
        else if (offset < 12)
        {
            EstreamFormatException error = AssertNames<EstreamFormatException>(path, null, action);
            Assert.Contains("version", error.Message, StringComparison.Ordinal);
        }
        else
        {
            AssertNames<EstreamCorruptionException>(path, 12, action);
        }
    }

    private static void AssertTyped(string path, Action action)
    {
        EstreamException error = Assert.ThrowsAny<EstreamException>(action);
        Assert.True(error is EstreamCorruptionException or EstreamFormatException, error.ToString());
        Assert.Equal(path, error.Path);
    }

    private static void ForEachByte(string path, int count, Action<int> check)
    {
        for (int offset = 0; offset < count; offset++)
        {
            Flip(path, offset, offset % 8);
            check(offset);
            Flip(path, offset, offset % 8);
        }
    }

    private static void Flip(string path, long offset, int bit)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = offset;
        int value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ (1 << bit)));
    }

    private static void Cut(string path, int length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
    }

    private static (long Offset, int HeaderBytes) FrameAt(string path, int number)
    {
        byte[] file = File.ReadAllBytes(path);
        int offset = 256;
        for (int i = 0; i < number; i++)
        {
            offset += (BitConverter.ToInt32(file, offset) + 7) & ~7;
        }

        return (offset, 16);
    }

    private static (long Offset, int HeaderBytes) EndOf(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int offset = 256;
        while (BitConverter.ToInt32(file, offset) != 0x1000_0010)
        {
            offset += (BitConverter.ToInt32(file, offset) + 7) & ~7;
        }

        return (offset, 16);
    }

    private static void ReadWhatThereIs(QueueTailer tailer)
    {
        try
        {
            for (int messages = 0; tailer.TryRead(out _); messages++)
            {
                Assert.InRange(messages, 0, 2 * SegmentBytes / 16);
            }
        }
        catch (EstreamCorruptionException)
        {
            // Only the name is checked here; other tests check the text.
        }
    }
}
