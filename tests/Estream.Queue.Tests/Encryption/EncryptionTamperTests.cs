using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Whatever is done to the bytes of an encrypted queue without its keys, no reader gets a message that was not appended at that
/// position.</summary>
public sealed class EncryptionTamperTests : QueueCase
{
    [Theory]
    [InlineData(FrameChecksum.Crc32C, false)]
    [InlineData(FrameChecksum.Crc32C, true)]
    [InlineData(FrameChecksum.None, true)]
    public void Every_changed_byte_of_a_block_is_reported_at_its_offset(FrameChecksum checksum, bool withChecksum)
    {
        byte[] whole = WriteTwo(checksum);
        for (int at = 256; at < 256 + 64 + 24; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x10;
            if (withChecksum && checksum != FrameChecksum.None && at >= 260)
            {
                BlockByHand.Reseal(changed, 256);
            }

            File.WriteAllBytes(SegmentFile(0), changed);
            using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
            using QueueTailer tailer = queue.CreateTailer();

            // The checksum itself does not authenticate the block.
            if (at is >= 260 and < 264)
            {
                Assert.True(tailer.TryRead(out _));
                Assert.Equal(!withChecksum && checksum != FrameChecksum.None, !queue.Verify().IsWhole);
                continue;
            }

            EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() => tailer.TryRead(out _));
            Assert.Equal((SegmentFile(0), 256), (error.Path, error.Offset));
            Assert.Equal((SegmentFile(0), 256), (queue.Verify().Damage!.Path, queue.Verify().Damage!.Offset));
        }
    }

    [Theory]
    [InlineData(192)]
    [InlineData(200)]
    [InlineData(215)]
    [InlineData(216)]
    public void A_changed_key_line_of_a_segment_is_reported(int offset)
    {
        byte[] changed = WriteTwo(FrameChecksum.Crc32C);
        changed[offset] ^= 1;
        File.WriteAllBytes(SegmentFile(0), changed);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
        using QueueTailer tailer = queue.CreateTailer();
        AssertNames<EstreamCorruptionException>(SegmentFile(0), 192, () => tailer.TryRead(out _));
    }

    [Fact]
    public void Swapped_blocks_do_not_authenticate()
    {
        byte[] swapped = WriteTwo(FrameChecksum.Crc32C);
        byte[] first = swapped[256..344];
        swapped.AsSpan(344, 88).CopyTo(swapped.AsSpan(256));
        first.CopyTo(swapped, 344);
        AssertRefused(swapped, 256);
    }

    [Fact]
    public void A_block_of_another_segment_or_queue_does_not_authenticate()
    {
        byte[] first = WriteTwo(FrameChecksum.Crc32C);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append(new byte[queue.MaxMessageBytes]);
            appender.Append("message3"u8);
        }

        byte[] next = File.ReadAllBytes(SegmentFile(1));
        using (EstreamQueue queue = EstreamQueue.Open(Beside("other"), Encrypted))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("message1"u8);
        }

        byte[] other = File.ReadAllBytes(Path.Combine(Beside("other"), "000000000000.seg"));
        foreach (byte[] foreign in (byte[][])[next, other])
        {
            byte[] moved = [.. first];
            foreign.AsSpan(256, 88).CopyTo(moved.AsSpan(256));
            BlockByHand.Reseal(moved, 256);
            AssertRefused(moved, 256);
        }
    }

    [Fact]
    public void A_block_of_a_reused_segment_does_not_authenticate()
    {
        QueueOptions options = Encrypted with { RetainedBytes = SegmentBytes };
        byte[] earlier = WriteTwo(FrameChecksum.Crc32C);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            AppendSegments(appender, 5);
        }

        // A segment index is used once; this copies a block of the earlier segment into the reused file.
        long last = SegmentFiles()[^1];
        byte[] later = File.ReadAllBytes(SegmentFile(last));
        earlier.AsSpan(256, 88).CopyTo(later.AsSpan(256));
        BlockByHand.Reseal(later, 256);
        File.WriteAllBytes(SegmentFile(last), later);
        using EstreamQueue again = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
        using QueueTailer tailer = again.CreateTailer();
        AssertNames<EstreamCorruptionException>(SegmentFile(last), 256, () => tailer.Seek((last * SegmentBytes) + 320));
    }

    [Fact]
    public void A_plaintext_message_among_blocks_is_refused()
    {
        byte[] forged = WriteTwo(FrameChecksum.Crc32C);
        BitConverter.GetBytes(24).CopyTo(forged, 256);
        BitConverter.GetBytes(0L).CopyTo(forged, 264);
        uint check = Crc32C.Append(BitConverter.ToUInt32(forged, 12), forged.AsSpan(264, 16));
        BitConverter.GetBytes(check).CopyTo(forged, 260);
        AssertRefused(forged, 256);
    }

    [Fact]
    public void A_plaintext_segment_in_place_of_an_encrypted_one_is_refused()
    {
        WriteTwo(FrameChecksum.Crc32C);
        long queueId = BitConverter.ToInt64(File.ReadAllBytes(InQueue("queue.meta")), 16);
        using (EstreamQueue queue = EstreamQueue.Open(Beside("clear"), Small))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("forged"u8);
        }

        byte[] forged = File.ReadAllBytes(Path.Combine(Beside("clear"), "000000000000.seg"));
        BitConverter.GetBytes(queueId).CopyTo(forged, 16);
        BitConverter.GetBytes(Crc32C.Compute(forged.AsSpan(16, 48))).CopyTo(forged, 12);
        File.WriteAllBytes(SegmentFile(0), forged);
        using EstreamQueue opened = EstreamQueue.Open(QueueDirectory, Encrypted);
        using QueueTailer tailer = opened.CreateTailer();
        AssertNames<EstreamCorruptionException>(SegmentFile(0), 192, () => tailer.TryRead(out _));
        Assert.Equal(192, opened.Verify().Damage!.Offset);
    }

    private void AssertRefused(byte[] segment, long offset)
    {
        File.WriteAllBytes(SegmentFile(0), segment);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, Encrypted);
        using QueueTailer tailer = queue.CreateTailer();
        AssertNames<EstreamCorruptionException>(SegmentFile(0), offset, () => tailer.TryRead(out _));
        AssertNames<EstreamCorruptionException>(SegmentFile(0), offset, () => tailer.TryRead(out _));
        Assert.False(queue.Verify().IsWhole);
    }

    // Writes two blocks of 88 bytes, at 256 and 344.
    private byte[] WriteTwo(FrameChecksum checksum)
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted with { Checksum = checksum }))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("message1"u8);
            appender.Append("message2"u8);
        }

        return File.ReadAllBytes(SegmentFile(0));
    }
}
