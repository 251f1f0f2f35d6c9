using Estream.Fuzz.Esf;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;
using Estream.Testing;

namespace Estream.Fuzz.Replication;

/// <summary>Damaged entries for EntryCodec, and damaged runs of a CommittedLogReader for FrameWalk.</summary>
public class EntryFuzzTests
{
    [Theory]
    [InlineData(1)]
    public void Damaged_entries_and_frames_are_refused_or_stay_within_their_bytes(int seed)
    {
        using TempDirectory folder = new();
        using EstreamQueue queue = EstreamQueue.Open(folder.Combine("queue"), new QueueOptions { SegmentBytes = 64 << 10 });
        using (QueueAppender appender = queue.CreateAppender())
        {
            _ = appender.Append(new byte[100]);
            appender.Claim(50).Dispose();
            _ = appender.AppendBatch(new byte[30], [10, 0, 20]);
        }

        using CommittedLogReader reader = new(queue, queue.OldestPosition());
        Assert.True(reader.TryRead(1_000, out LogRange range));
        using EntryCodec codec = new("fuzz", queue.Id, []);
        SegmentHeader segment = range.Segment;
        byte[] frames = range.Frames.ToArray();
        byte[] entry = new byte[codec.LengthOf(frames.Length)];
        EntryHeader header = new()
        {
            Kind = EntryKind.Frames,
            Epoch = 1,
            Position = range.Position,
            Count = range.Run.Count,
            Bytes = frames.Length,
            Segment = segment,
        };
        codec.Write(entry, header, frames);

        Bytes bytes = new(seed);
        for (int number = LongRun.Count(50_000, 5_000_000); number > 0; number--)
        {
            byte[] damaged = bytes.Damaged([entry]);
            bool isRead = codec.TryRead(damaged, out EntryHeader read, out ReadOnlySpan<byte> found) == EntryFault.None;
            Assert.True(!isRead || (found.Length == read.Bytes && found.Length <= damaged.Length));

            // Without checksums only the shapes decide.
            FrameRun? run = FrameWalk.Check(
                segment with { Checksum = FrameChecksum.None }, 0, SegmentLayout.HeaderBytes, 0, bytes.Damaged([frames]));
            Assert.True(run is null || run.Value.Count >= 0);
        }
    }
}
