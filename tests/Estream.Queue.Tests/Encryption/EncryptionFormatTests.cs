using System.Text;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Checks the bytes that docs/formats/queue.md describes against a second implementation based only on that page. The test reads
/// what the library writes, and the library reads what the test writes.</summary>
public sealed class EncryptionFormatTests : QueueCase
{
    [Theory]
    [InlineData(FrameChecksum.Crc32C)]
    [InlineData(FrameChecksum.None)]
    public void Encrypted_frames_have_the_documented_layout(FrameChecksum checksum)
    {
        var clock = new ManualClock();
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted with { Checksum = checksum, Clock = clock }))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            clock.PassNanos(3_000_000);
            Assert.Equal(320, appender.Append("hello"u8));
            Assert.Equal(408, appender.AppendBatch("firstsecond"u8, [5, 6]));
        }

        byte[] segment = File.ReadAllBytes(SegmentFile(0));
        Assert.Equal([256, 344], BlockByHand.Blocks(segment));
        Assert.Equal(1, BitConverter.ToInt32(segment, 192));
        Assert.Equal(Core.Crc32C.Append(BitConverter.ToUInt32(segment, 12), segment.AsSpan(192, 24)), BitConverter.ToUInt32(segment, 216));
        AssertBlock(segment, 256, firstNumber: 0, count: 1, checksum);
        AssertBlock(segment, 344, firstNumber: 1, count: 2, checksum);
        Assert.Equal(segment[280..288], segment[368..376]);
        Assert.Equal((0, 1), (BitConverter.ToInt32(segment, 288), BitConverter.ToInt32(segment, 376)));
        byte[] key =
            BlockByHand.SegmentKey(segment, BlockByHand.QueueKey(File.ReadAllBytes(InQueue("queue.keys")), 1, TestKeys.Of("first")));
        AssertFrames(BlockByHand.Decrypt(segment, 256, key), (0u, "hello"));
        AssertFrames(BlockByHand.Decrypt(segment, 344, key), (1u | 1u << 31, "first"), (2u, "second"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Blocks_written_by_hand_are_read_and_counted(int count)
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("by the library"u8);
        }

        byte[] segment = File.ReadAllBytes(SegmentFile(0));
        byte[] key =
            BlockByHand.SegmentKey(segment, BlockByHand.QueueKey(File.ReadAllBytes(InQueue("queue.keys")), 1, TestKeys.Of("first")));
        BlockByHand.Append(segment, 352, key, number: 1, "by hand", nonce: [.. Enumerable.Repeat((byte)7, 12)], count);
        File.WriteAllBytes(SegmentFile(0), segment);
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Encrypted);
        Assert.Equal(["by the library", "by hand"], Texts(again));

        // A header that declares more messages than there are is detected by a reader with the keys.
        Assert.Equal(count == 1 ? -1 : 352, again.Verify().Damage?.Offset ?? -1);
    }

    [Fact]
    public void The_key_table_has_the_documented_layout()
    {
        var clock = new ManualClock();
        MakeQueue(2);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Encrypted with { Clock = clock }))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("x"u8);
            Assert.Equal(2, queue.RotateKey());
        }

        byte[] table = File.ReadAllBytes(InQueue("queue.keys"));
        byte[] metadata = File.ReadAllBytes(InQueue("queue.meta"));
        Assert.Equal(4096, table.Length);
        Assert.Equal("ESTRKEY1"u8, table.AsSpan(0, 8));
        Assert.Equal(1, BitConverter.ToInt32(table, 8));
        Assert.Equal(Core.Crc32C.Compute(table.AsSpan(16)), BitConverter.ToUInt32(table, 12));
        Assert.Equal(metadata[16..24], table[16..24]);
        Assert.Equal((2L, 2, 2), (BitConverter.ToInt64(table, 24), BitConverter.ToInt32(table, 32), BitConverter.ToInt32(table, 36)));
        Assert.Equal((1, 2), (BitConverter.ToInt32(table, 64), BitConverter.ToInt32(table, 192)));
        Assert.Equal(ManualClock.Start, BitConverter.ToInt64(table, 72));
        Assert.Equal("first", Encoding.ASCII.GetString(table, 80, 32).TrimEnd('\0'));
        Assert.Equal(2, BitConverter.ToInt32(metadata, 512));
        Assert.NotEqual(BlockByHand.QueueKey(table, 1, TestKeys.Of("first")), BlockByHand.QueueKey(table, 2, TestKeys.Of("first")));
    }

    private static void AssertBlock(byte[] segment, int offset, int firstNumber, int count, FrameChecksum checksum)
    {
        int word = BitConverter.ToInt32(segment, offset);
        Assert.Equal(1 << 28, word & ~0x0FFFFFFF);
        int length = word & 0x0FFFFFFF;
        Assert.Equal(0, length % 8);
        Assert.Equal(
            checksum == FrameChecksum.None
                ? 0
                : Core.Crc32C.Append(BitConverter.ToUInt32(segment, 12), segment.AsSpan(offset + 8, length - 8)),
            BitConverter.ToUInt32(segment, offset + 4));
        Assert.Equal(30, BitConverter.ToInt32(segment, offset + 12));
        Assert.Equal((firstNumber, count), (BitConverter.ToInt32(segment, offset + 16), BitConverter.ToInt32(segment, offset + 20)));
        Assert.All(segment[(offset + 36)..(offset + 48)], b => Assert.Equal(0, b));
    }

    private static void AssertFrames(byte[] frames, params (uint Number, string Text)[] expected)
    {
        int at = 0;
        foreach ((uint number, string text) in expected)
        {
            Assert.Equal(16 + text.Length, BitConverter.ToInt32(frames, at));
            Assert.Equal(0u, BitConverter.ToUInt32(frames, at + 4));
            Assert.Equal(number, BitConverter.ToUInt32(frames, at + 8));
            Assert.Equal(30, BitConverter.ToInt32(frames, at + 12));
            Assert.Equal(text, Encoding.UTF8.GetString(frames, at + 16, text.Length));
            at += (16 + text.Length + 7) & ~7;
        }

        Assert.Equal(frames.Length, at);
    }
}
