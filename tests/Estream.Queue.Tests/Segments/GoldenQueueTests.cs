using System.Text;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Small queues written by each version of the format, committed as hex text. A new queue must have the bytes of the newest
/// version, and older queues must open. A format change needs a new version and a new golden file, never an edit of one.</summary>
public sealed class GoldenQueueTests : QueueCase
{
    private static readonly byte[] s_goldenId = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x08];

    private static readonly string[] s_files = ["queue.meta", "000000000000.seg", "000000000001.seg", "tailers/reader.cursor"];

    private static string GoldenPath(int version) => Path.Combine(AppContext.BaseDirectory, "Golden", $"queue-v{version}.hex");

    [Fact]
    public void A_new_queue_is_byte_for_byte_format_version_2()
    {
        WriteQueue();
        string written = string.Concat(s_files.Select(name => Dump(name, WithoutIdentity(name))));
        Assert.Equal(File.ReadAllText(GoldenPath(2)), written);
    }

    [Theory]
    [InlineData(1, AppenderMode.Exclusive)]
    [InlineData(1, AppenderMode.Shared)]
    [InlineData(2, AppenderMode.Exclusive)]
    [InlineData(2, AppenderMode.Shared)]
    public void A_queue_written_by_an_earlier_version_opens_and_continues(int version, AppenderMode mode)
    {
        Restore(version);
        using EstreamQueue queue =
            EstreamQueue.Open(QueueDirectory, Small with { Clock = new ManualClock(ManualClock.Start + 1_000_000_000) });
        QueueVerification whole = queue.Verify();
        Assert.True(whole.IsWhole, whole.Damage?.Reason);
        using QueueTailer tailer = queue.CreateTailer("reader");
        Assert.True(tailer.TryRead(out QueueMessage second));
        Assert.Equal("claimed", Encoding.UTF8.GetString(second.Payload));
        Assert.Equal(1, second.Sequence);
        Assert.Equal(ManualClock.Start + 1_000_000, second.Time);
        using QueueAppender appender = queue.CreateAppender(mode);
        Assert.Equal(4, appender.NextSequence);
        long position = appender.Append("appended today"u8);
        Assert.Equal(version == 1 || mode == AppenderMode.Shared, position == (2 * SegmentBytes) + 256);
        Assert.Equal(2, File.ReadAllBytes(InQueue("queue.meta"))[8]);
        string last = "";
        while (tailer.TryRead(out QueueMessage message))
        {
            last = Encoding.UTF8.GetString(message.Payload);
        }

        Assert.Equal("appended today", last);
        Assert.True(queue.Verify().IsWhole);
    }

    private void WriteQueue()
    {
        var clock = new ManualClock();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Clock = clock });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("first"u8);
        clock.PassNanos(1_000_000);
        using (AppendClaim claim = appender.Claim(100))
        {
            "claimed"u8.CopyTo(claim.Span);
            claim.Commit(7);
        }

        appender.Append(new byte[65_200]);
        clock.PassNanos(250_000);
        appender.Append("in the second segment"u8);
        using QueueTailer tailer = queue.CreateTailer("reader");
        tailer.TryRead(out _);
        tailer.Commit();
    }

    // The id is random and affects the checksums. It is replaced by the golden id, and the checksums are computed again. The process id of
    // the writer and the boot id are masked. All other bytes must be the same.
    private byte[] WithoutIdentity(string name)
    {
        byte[] file = File.ReadAllBytes(InQueue(name));
        s_goldenId.CopyTo(file, 16);
        int covered = name.EndsWith(".cursor", StringComparison.Ordinal) ? 8 : 48;
        BitConverter.TryWriteBytes(file.AsSpan(12), Core.Crc32C.Compute(file.AsSpan(16, covered)));
        if (name == "queue.meta")
        {
            file.AsSpan(64, 16).Clear();
            file.AsSpan(256, 16).Clear();
        }

        for (int offset = 256; name.EndsWith(".seg", StringComparison.Ordinal) && BitConverter.ToInt32(file, offset) != 0;)
        {
            int word = BitConverter.ToInt32(file, offset);
            int length = word & 0x0FFF_FFFF;
            BitConverter.TryWriteBytes(file.AsSpan(offset + 4),
                Core.Crc32C.Append(BitConverter.ToUInt32(file, 12), file.AsSpan(offset + 8, length - 8)));
            offset = (word & 0x1000_0000) != 0 ? file.Length - 4 : offset + ((length + 7) & ~7);
        }

        return file;
    }

    /// <summary>A line of hex for each sixteen bytes that are not all zero, after the name and the length of the file.</summary>
    private static string Dump(string name, byte[] file)
    {
        var text = new StringBuilder($"{name} {file.Length}\n");
        for (int offset = 0; offset < file.Length; offset += 16)
        {
            ReadOnlySpan<byte> line = file.AsSpan(offset, 16);
            if (line.ContainsAnyExcept((byte)0))
            {
                text.Append(offset.ToString("x5")).Append(' ').Append(Convert.ToHexStringLower(line)).Append('\n');
            }
        }

        return text.ToString();
    }

    [Fact]
    public void Reading_a_version_1_queue_leaves_it_unchanged()
    {
        Restore(1);
        byte[][] before = [.. s_files.Select(name => File.ReadAllBytes(InQueue(name)))];
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory))
        using (QueueTailer tailer = queue.CreateTailer())
        {
            Assert.Equal(4, queue.GetInfo().NextSequence);
            while (tailer.TryRead(out _))
            {
            }
        }

        Assert.Equal(before, s_files.Select(name => File.ReadAllBytes(InQueue(name))));
    }

    private void Restore(int version)
    {
        Directory.CreateDirectory(InQueue("tailers"));
        string name = "";
        byte[] file = [];
        foreach (string line in File.ReadLines(GoldenPath(version)).Append("end 0"))
        {
            string[] parts = line.Split(' ');
            if (parts[0].Length == 5 && parts[1].Length == 32)
            {
                Convert.FromHexString(parts[1]).CopyTo(file, Convert.ToInt32(parts[0], 16));
                continue;
            }

            if (name.Length > 0)
            {
                File.WriteAllBytes(InQueue(name), file);
            }

            (name, file) = (parts[0], new byte[int.Parse(parts[1])]);
        }
    }
}
