using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Queues of earlier versions are read exactly as written, and can be continued.</summary>
public sealed class QueueFilesTests
{
    public static TheoryData<string> Queues =>
        ["queue-checksums", "queue-plain", "queue-reused", "queue-empty", "queue-killed-in-claim", "queue-killed-between-segments"];

    [Theory]
    [MemberData(nameof(Queues))]
    public void All_messages_are_readable_and_reading_does_not_write(string name)
    {
        using OldFiles files = OldFiles.Unpack(1, name);
        var old = new OldQueue(files.Report);
        IReadOnlyDictionary<string, byte[]> before = files.Image();
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(files.Path))
        {
            QueueInfo info = queue.GetInfo();
            OldMessage[] kept = [.. old.From(info.FirstPosition)];
            Assert.Equal(kept.Length, info.MessageCount);
            Assert.Equal(64 << 10, info.SegmentBytes);
            Assert.Equal(old.Cursors.OrderBy(c => c.Key), info.Tailers.ToDictionary(t => t.Name, t => t.Position).OrderBy(c => c.Key));
            using QueueTailer tailer = queue.CreateTailer();
            OldQueue.AssertReads(tailer, kept);
            foreach (OldMessage message in kept.Where((_, index) => index % 37 == 0))
            {
                tailer.Seek(message.Position);
                OldQueue.AssertReads(tailer, kept.SkipWhile(m => m != message));
            }

            QueueVerification verification = queue.Verify();
            Assert.True(verification.IsWhole, verification.Damage?.Reason);
            Assert.Equal(kept.Length, verification.MessageCount);
        }

        Assert.Equal(before.OrderBy(f => f.Key), files.Image().OrderBy(f => f.Key));
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public void Current_appender_continues_after_the_last_message(string name)
    {
        using OldFiles files = OldFiles.Unpack(1, name);
        var old = new OldQueue(files.Report);
        long next = old.Messages.Count == 0 ? 0 : old.Messages[^1].Sequence + 1;
        using EstreamQueue queue = EstreamQueue.Open(files.Path);
        using QueueTailer tailer = queue.CreateTailer();
        OldQueue.AssertReads(tailer, old.From(queue.GetInfo().FirstPosition));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(next, appender.NextSequence);
        for (long sequence = next; sequence < next + 2_000; sequence++)
        {
            long position = appender.Append(SeededBytes.Of(sequence));
            Assert.True(tailer.TryRead(out QueueMessage message), $"message {sequence} is missing");
            Assert.Equal((position, sequence), (message.Position, message.Sequence));
            Assert.True(message.Payload.SequenceEqual(SeededBytes.Of(sequence)));
        }

        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public void Named_tailer_continues_at_its_position(string name)
    {
        using OldFiles files = OldFiles.Unpack(1, name);
        var old = new OldQueue(files.Report);
        using EstreamQueue queue = EstreamQueue.Open(files.Path);
        foreach ((string reader, long position) in old.Cursors)
        {
            using QueueTailer tailer = queue.CreateTailer(reader);
            Assert.Equal(position, tailer.Position);
            OldQueue.AssertReads(tailer, old.From(position));
        }
    }

    /// <summary>Checks that the file sets match their names, so that the tests above test the intended cases.</summary>
    [Fact]
    public void File_sets_contain_what_their_names_state()
    {
        using OldFiles reused = OldFiles.Unpack(1, "queue-reused");
        using OldFiles betweenSegments = OldFiles.Unpack(1, "queue-killed-between-segments");
        using OldFiles inClaim = OldFiles.Unpack(1, "queue-killed-in-claim");
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(reused.Path);
        Assert.True(queue.GetInfo().FirstSequence > 0);
        Assert.True(File.Exists(Path.Combine(betweenSegments.Path, "spare.new")));
        Assert.False(File.Exists(Path.Combine(betweenSegments.Path, "000000000002.seg")));
        using EstreamQueue claimed = EstreamQueue.OpenReadOnly(inClaim.Path);
        QueueInfo info = claimed.GetInfo();
        byte[] segment = File.ReadAllBytes(Directory.GetFiles(inClaim.Path, "*.seg").Order().Last());
        Assert.Equal(0xEE, segment[(info.EndPosition % info.SegmentBytes) + 16]);
        Assert.NotEqual(0, info.WriterProcessId);
    }
}
