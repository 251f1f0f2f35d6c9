using System.Text;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>
/// A small queue that version 1 wrote, committed as hex text. What is written today must be the same bytes, and what was written then
/// must open today. A format change needs a new version and a new golden file beside this one, never an edit of it.
/// </summary>
public sealed class GoldenQueueTests : QueueCase
{
    private static readonly byte[] s_goldenId = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x08];

    private static readonly string[] s_files = ["queue.meta", "000000000000.seg", "000000000001.seg", "tailers/reader.cursor"];

    private static string GoldenPath => Path.Combine(AppContext.BaseDirectory, "Golden", "queue-v1.hex");

    [Fact]
    public void What_is_written_today_is_byte_for_byte_what_version_1_wrote()
    {
        WriteQueue();
        string written = string.Concat(s_files.Select(name => Dump(name, WithoutIdentity(name))));
        Assert.Equal(File.ReadAllText(GoldenPath), written);
    }

    [Fact]
    public void A_queue_that_version_1_wrote_opens_and_goes_on()
    {
        Restore();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        QueueVerification whole = queue.Verify();
        Assert.True(whole.IsWhole, whole.Damage?.Reason);
        using QueueTailer tailer = queue.CreateTailer("reader");
        Assert.True(tailer.TryRead(out QueueMessage second));
        Assert.Equal("claimed", Encoding.UTF8.GetString(second.Payload));
        Assert.Equal(1, second.Sequence);
        Assert.Equal(FakeClock.Start + 1_000_000, second.Time);
        using QueueAppender appender = queue.CreateAppender();
        Assert.Equal(4, appender.NextSequence);
        appender.Append("appended today"u8);
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
        var clock = new FakeClock();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Clock = clock });
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("first"u8);
        clock.Now += 1_000_000;
        using (AppendClaim claim = appender.Claim(100))
        {
            "claimed"u8.CopyTo(claim.Span);
            claim.Commit(7);
        }

        appender.Append(new byte[65_200]);
        clock.Now += 250_000;
        appender.Append("in the second segment"u8);
        using QueueTailer tailer = queue.CreateTailer("reader");
        tailer.TryRead(out _);
        tailer.Commit();
    }

    // The id is random, and with it the checksums: the golden id takes its place and the checksums are made again. The process that
    // wrote the queue is masked. Everything else has to be the same.
    private byte[] WithoutIdentity(string name)
    {
        byte[] file = File.ReadAllBytes(InQueue(name));
        s_goldenId.CopyTo(file, 16);
        int covered = name.EndsWith(".cursor", StringComparison.Ordinal) ? 8 : 48;
        BitConverter.TryWriteBytes(file.AsSpan(12), Core.Crc32C.Compute(file.AsSpan(16, covered)));
        if (name == "queue.meta")
        {
            file.AsSpan(64, 16).Clear();
        }

        for (int offset = 256; name.EndsWith(".seg", StringComparison.Ordinal) && BitConverter.ToInt32(file, offset) != 0;)
        {
            int word = BitConverter.ToInt32(file, offset);
            int length = word & 0x0FFF_FFFF;
            BitConverter.TryWriteBytes(file.AsSpan(offset + 4), Core.Crc32C.Append(BitConverter.ToUInt32(file, 12), file.AsSpan(offset + 8, length - 8)));
            offset = (word & 0x1000_0000) != 0 ? file.Length - 4 : offset + ((length + 7) & ~7);
        }

        return file;
    }

    /// <summary>A line of hex for each sixteen bytes that are not all zero, under the name and the length of the file.</summary>
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

    private void Restore()
    {
        Directory.CreateDirectory(InQueue("tailers"));
        string name = "";
        byte[] file = [];
        foreach (string line in File.ReadLines(GoldenPath).Append("end 0"))
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
