using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Seeking a message by number and by time, with an index that is intact, damaged or missing.</summary>
public sealed class LookupTests : QueueCase
{
    private const int Messages = 40_000;
    private const int LargerSegmentBytes = 1 << 20;
    private const int EntryBytes = 16;

    private static readonly QueueOptions s_options = new() { SegmentBytes = LargerSegmentBytes, FirstSegmentBytes = LargerSegmentBytes };

    // The queue as found after a restart of the machine.
    private static readonly QueueOptions s_restarted = s_options with
    {
        Storage = new FlushStorage { BootId = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) },
    };

    public enum IndexState
    {
        Whole,
        Damaged,
        Gone,
        Misleading,
    }

    public static IEnumerable<object[]> Cases =>
        from mode in Enum.GetValues<AppenderMode>()
        from state in Enum.GetValues<IndexState>()
        from checksum in Enum.GetValues<FrameChecksum>()
        select (object[])[mode, state, checksum];

    public static IEnumerable<object[]> RecoveredCases =>
        from mode in Enum.GetValues<AppenderMode>()
        from state in Enum.GetValues<IndexState>()
        where state != IndexState.Whole
        select (object[])[mode, state];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_sequence_number_and_every_time_is_found(AppenderMode mode, IndexState state, FrameChecksum checksum)
    {
        (long[] positions, long[] times) = Write(mode, checksum);
        Spoil(state);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        AssertFindsAll(queue, positions, times);
    }

    /// <summary>A power cut may lose pages of an index or leave older ones. Recovery creates the entries of every segment again, with the
    /// same values. Seeks alone cannot show this, because they find every message without an index, too.</summary>
    [Theory]
    [MemberData(nameof(RecoveredCases))]
    public void Recovery_completes_the_index_of_every_segment(AppenderMode mode, IndexState state)
    {
        (long[] positions, long[] times) = Write(mode, FrameChecksum.Crc32C);
        byte[][] before = [.. SegmentFiles().Select(segment => Index(SegmentFile(segment)))];
        Assert.Contains(before[0], b => b != 0);
        Spoil(state);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, s_restarted))
        {
            QueueRecovery recovery = Assert.IsType<QueueRecovery>(queue.Recovery);
            Assert.True(recovery.IsWhole, $"{recovery}");
            AssertFindsAll(queue, positions, times);
        }

        byte[][] after = [.. SegmentFiles().Select(segment => Index(SegmentFile(segment)))];
        Assert.Equal(before.Length, after.Length);
        for (int segment = 0; segment < before.Length; segment++)
        {
            AssertSameEntries(before[segment], after[segment]);
        }

        using EstreamQueue again = EstreamQueue.OpenReadOnly(QueueDirectory, s_restarted);
        AssertFindsAll(again, positions, times);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void The_index_is_complete_and_a_writer_completes_a_damaged_one(AppenderMode mode)
    {
        Write(mode, FrameChecksum.Crc32C);
        string last = SegmentFile(SegmentFiles()[^1]);
        byte[] before = Index(last);
        Assert.Contains(before, b => b != 0);
        Spoil(IndexState.Gone);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        Assert.Equal(before, Index(last));
    }

    [Fact]
    public void Seeking_a_skipped_sequence_number_goes_to_the_next_message()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("0"u8);
        appender.Claim(10).Dispose();
        appender.Claim(10).Dispose();
        long position = appender.Append("3"u8);
        using QueueTailer tailer = queue.CreateTailer("named");
        foreach (long sequence in (long[])[1, 2, 3])
        {
            tailer.SeekToSequence(sequence);
            Assert.Equal(position, tailer.Position);
            Assert.Equal(position, queue.GetInfo().Tailers[0].Position);
        }
    }

    [Fact]
    public void Seeking_a_message_deleted_by_retention_reports_the_deletion()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = 2 * SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 10);
        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToEnd();
        long position = tailer.Position;
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => tailer.SeekToSequence(0));
        Assert.Equal(StorageFailure.NotFound, error.Reason);
        Assert.Equal(position, tailer.Position);
        tailer.SeekToTime(0);
        Assert.Equal(queue.GetInfo().FirstPosition, tailer.Position);
    }

    [Fact]
    public void An_empty_queue_has_a_start_position()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToSequence(0);
        tailer.SeekToTime(5);
        Assert.Throws<ArgumentException>("sequence", () => tailer.SeekToSequence(1));
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("first"u8);
        Assert.True(tailer.TryRead(out _));
    }

    private static void AssertFindsAll(EstreamQueue queue, long[] positions, long[] times)
    {
        using QueueTailer tailer = queue.CreateTailer();
        for (int sequence = 0; sequence < Messages; sequence += 97)
        {
            tailer.SeekToSequence(sequence);
            Assert.Equal(positions[sequence], tailer.Position);
            Assert.True(tailer.TryRead(out QueueMessage message));
            Assert.Equal(sequence, message.Sequence);
            tailer.Seek(positions[sequence]);
            Assert.True(tailer.TryRead(out message));
            Assert.Equal(sequence, message.Sequence);

            // The seek finds the first message with that time, because ten messages share a time.
            tailer.SeekToTime(times[sequence]);
            Assert.Equal(positions[sequence - (sequence % 10)], tailer.Position);
            tailer.SeekToTime(times[sequence] + 1);
            Assert.Equal(positions[Math.Min(sequence - (sequence % 10) + 10, Messages)], tailer.Position);
        }

        tailer.SeekToSequence(Messages);
        Assert.False(tailer.TryRead(out _));
        tailer.SeekToTime(long.MaxValue);
        Assert.False(tailer.TryRead(out _));
        tailer.SeekToTime(0);
        Assert.Equal(256, tailer.Position);
        foreach (long missing in (long[])[-1, Messages + 1, long.MaxValue, long.MinValue])
        {
            Assert.Throws<ArgumentException>("sequence", () => tailer.SeekToSequence(missing));
            Assert.Equal(256, tailer.Position);
        }
    }

    // Compares the entries that are not empty. Entries after the last boundary that messages reach are never read.
    private static void AssertSameEntries(byte[] before, byte[] after)
    {
        for (int offset = 0; offset < before.Length; offset += EntryBytes)
        {
            byte[] entry = before[offset..(offset + EntryBytes)];
            Assert.True(Array.TrueForAll(entry, b => b == 0) || after.AsSpan(offset, EntryBytes).SequenceEqual(entry),
                $"the entry at {offset} of the index differs");
        }
    }

    private (long[] Positions, long[] Times) Write(AppenderMode mode, FrameChecksum checksum)
    {
        var clock = new ManualClock();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, s_options with { Clock = clock, Checksum = checksum });
        using QueueAppender appender = queue.CreateAppender(mode);
        var random = new Random(8);
        long[] positions = new long[Messages + 1];
        long[] times = new long[Messages];
        for (int i = 0; i < Messages; i++)
        {
            times[i] = clock.UtcNanos;
            positions[i] = appender.Append(new byte[random.Next(200) == 0 ? random.Next(200_000) : random.Next(100)]);
            clock.PassNanos(i % 10 == 9 ? 1_000_000 : 0);
        }

        positions[Messages] = appender.NextPosition;
        return (positions, times);
    }

    private void Spoil(IndexState state)
    {
        var random = new Random(5);
        foreach (long segment in state == IndexState.Whole ? [] : SegmentFiles())
        {
            string path = SegmentFile(segment);
            byte[] file = File.ReadAllBytes(path);
            Span<byte> index = file.AsSpan(LargerSegmentBytes);
            switch (state)
            {
                case IndexState.Gone:
                    index.Clear();
                    break;
                case IndexState.Damaged:
                    for (int i = 0; i < index.Length; i += 16)
                    {
                        index[i + random.Next(16)] ^= (byte)(1 << random.Next(8));
                    }

                    break;
                default:
                    Mislead(index, BitConverter.ToUInt32(file, 12), random);
                    break;
            }

            File.WriteAllBytes(path, file);
        }
    }

    // Writes entries with valid checksums that refer to missing frames, like the entries of a tail lost in a power cut.
    private static void Mislead(Span<byte> index, uint seed, Random random)
    {
        for (int i = 0; i < 16 * 16; i += 16)
        {
            BitConverter.TryWriteBytes(index[i..], 32 + random.Next(((i / 16) + 1) << 13));
            BitConverter.TryWriteBytes(index[(i + 12)..], Crc32C.Append(seed, index.Slice(i, 12)));
        }
    }

    private static byte[] Index(string path) => File.ReadAllBytes(path)[LargerSegmentBytes..];
}
