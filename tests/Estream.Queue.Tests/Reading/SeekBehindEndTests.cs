using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>
/// A seek to a position without a message is refused. This covers messages truncated by recovery, even if they are still whole after the
/// end-of-segment frame, and bytes that only look like a frame. A message stays reachable if an earlier one is uncommitted, missing or
/// damaged.
/// </summary>
public sealed class SeekBehindEndTests : QueueCase
{
    private const int LargerSegmentBytes = 1 << 20;

    private static readonly Guid s_nextRun = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    [Theory]
    [InlineData(AppenderMode.Exclusive, false)]
    [InlineData(AppenderMode.Shared, false)]
    [InlineData(AppenderMode.Exclusive, true)]
    [InlineData(AppenderMode.Shared, true)]
    public void Seeking_to_a_message_truncated_by_recovery_throws(AppenderMode mode, bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted);
        long[] positions = Write(options, mode, 5);
        using EstreamQueue queue = Cut(options, positions[2]);
        using QueueTailer tailer = queue.CreateTailer();
        AssertRefused(tailer, positions[3..]);
        AssertLeadsTo(tailer, positions[1], 1);
        using (QueueAppender appender = queue.CreateAppender(mode))
        {
            AssertLeadsTo(tailer, appender.Append([2]), 2);
        }

        // This also holds when the log continues in a later segment.
        AssertRefused(tailer, positions[3..]);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive, false)]
    [InlineData(AppenderMode.Shared, false)]
    [InlineData(AppenderMode.Exclusive, true)]
    [InlineData(AppenderMode.Shared, true)]
    public void A_cursor_after_a_truncation_is_rejected(AppenderMode mode, bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted);
        long[] positions = Write(options, mode, 5);
        using EstreamQueue queue = Cut(options, positions[2]);
        queue.CreateTailer("reader").Dispose();
        string path = InQueue("tailers", "reader.cursor");
        Overwrite(path, 64, BitConverter.GetBytes(positions[3]));
        AssertNames<EstreamCorruptionException>(path, 64, () => queue.CreateTailer("reader"));
        Overwrite(path, 64, BitConverter.GetBytes(positions[1]));
        using QueueTailer reader = queue.CreateTailer("reader");
        Assert.True(reader.TryRead(out QueueMessage message));
        Assert.Equal(1, message.Payload[0]);
    }

    /// <summary>The index leads to a frame near the position, and never to one after the truncation.</summary>
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void All_messages_of_a_long_segment_before_the_truncation_are_found_and_none_after_it(AppenderMode mode)
    {
        const int Count = 5_000, CutAt = 3_000;
        QueueOptions options = Small with { SegmentBytes = LargerSegmentBytes, FirstSegmentBytes = LargerSegmentBytes };
        long[] positions = Write(options, mode, Count, length: 100);
        using EstreamQueue queue = Cut(options, positions[CutAt]);
        using QueueTailer tailer = queue.CreateTailer();
        for (int i = 0; i < CutAt; i += 7)
        {
            AssertLeadsTo(tailer, positions[i], (byte)i);
        }

        tailer.Seek(positions[CutAt]);
        Assert.False(tailer.TryRead(out _));
        AssertRefused(tailer, positions[(CutAt + 1)..]);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Seeking_to_bytes_that_look_like_a_frame_inside_a_message_throws(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        appender.Append("first"u8);
        uint seed = BitConverter.ToUInt32(Content(SegmentFile(0)), 12);
        byte[] frame = new byte[24];
        BitConverter.TryWriteBytes(frame, frame.Length);
        BitConverter.TryWriteBytes(frame.AsSpan(8), 1);
        BitConverter.TryWriteBytes(frame.AsSpan(4), Crc32C.Append(seed, frame.AsSpan(8)));
        long position = appender.Append(frame);
        using QueueTailer tailer = queue.CreateTailer();
        AssertRefused(tailer, position + 16);
        tailer.Seek(position);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.True(message.Payload.SequenceEqual(frame));
    }

    [Fact]
    public void A_message_after_an_open_claim_is_found()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender one = queue.CreateAppender();
        using QueueAppender two = queue.CreateAppender();
        one.Append([0]);
        using AppendClaim open = one.Claim(100);
        long position = two.Append([7]);
        using QueueTailer tailer = queue.CreateTailer();
        AssertLeadsTo(tailer, position, 7);
    }

    /// <summary>The queue is in the state after the atomic addition to the tail and before the store of the claim word. A walk over the
    /// frames stops at this slot, and the tail in the header shows how far claims reach.</summary>
    [Fact]
    public void A_message_after_a_hole_is_found_unless_it_was_truncated()
    {
        long[] positions = Write(Small, AppenderMode.Shared, 6);
        Cut(Small, positions[4]).Dispose();
        Overwrite(SegmentFile(0), positions[1], new byte[24]);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, Restarted(Small));
        using QueueTailer tailer = queue.CreateTailer();
        AssertLeadsTo(tailer, positions[2], 2);
        AssertLeadsTo(tailer, positions[3], 3);
        AssertRefused(tailer, positions[5]);
    }

    [Fact]
    public void After_damage_only_a_message_with_a_matching_checksum_is_found()
    {
        long[] positions = Write(Small, AppenderMode.Exclusive, 4);
        Overwrite(SegmentFile(0), positions[0], 7, 0, 0, 0);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        AssertLeadsTo(tailer, positions[2], 2);
        AssertNames<EstreamCorruptionException>(SegmentFile(0), positions[0], () => tailer.Seek(positions[2] + 8));
    }

    private static QueueOptions Restarted(QueueOptions options) => options with { Storage = new FlushStorage { BootId = s_nextRun } };

    private static void AssertLeadsTo(QueueTailer tailer, long position, byte content)
    {
        tailer.Seek(position);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal((position, content), (message.Position, message.Payload[0]));
    }

    private static void AssertRefused(QueueTailer tailer, params long[] positions)
    {
        long before = tailer.Position;
        foreach (long position in positions)
        {
            Assert.Throws<ArgumentException>("position", () => tailer.Seek(position));
            Assert.Equal(before, tailer.Position);
        }
    }

    /// <summary>Appends messages whose first byte is their number.</summary>
    private long[] Write(QueueOptions options, AppenderMode mode, int count, int length = 1)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        byte[] message = new byte[length];
        long[] positions = new long[count];
        for (int i = 0; i < count; i++)
        {
            message[0] = (byte)i;
            positions[i] = appender.Append(message);
        }

        return positions;
    }

    /// <summary>Damages a message and restarts the machine: the log ends before it, and all later bytes are still in the file.</summary>
    private EstreamQueue Cut(QueueOptions options, long position)
    {
        byte damaged = (byte)(Content(SegmentFile(0))[position + 16] ^ 0xFF);
        Overwrite(SegmentFile(0), position + 16, damaged);
        EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Restarted(options));
        Assert.True(queue.Recovery?.CutMessages > 0, $"{queue.Recovery}");
        return queue;
    }
}
