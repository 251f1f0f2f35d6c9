using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Testing;

namespace Estream.Replication.Tests.Queues;

public sealed class LogCopyTests : IDisposable
{
    private const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _folder = new();

    private string Copy => _folder.Combine("copy");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_copy_has_messages_batches_aborted_claims_and_consumer_offsets_at_the_same_positions(AppenderMode mode)
    {
        using EstreamQueue source = OpenSource();
        using EstreamQueue input = EstreamQueue.Open(_folder.Combine("input"));
        using (QueueAppender feeding = input.CreateAppender())
        {
            _ = feeding.Append(new byte[10]);
        }

        using (QueueAppender appender = source.CreateAppender(mode))
        using (QueueTailer consumed = input.CreateTailer("consumer", source))
        {
            for (int i = 0; i < 2_000; i++)
            {
                _ = appender.Append(RandomNumberGenerator.GetBytes(i % 150));
                appender.Claim(i % 90).Dispose();
                _ = appender.AppendBatch(new byte[30], [10, 0, 20]);
            }

            _ = consumed.TryRead(out _);
            using BatchClaim batch = appender.ClaimBatch(100, 2, consumed);
            batch.Append(new byte[10]);
            batch.Commit();
        }

        CopyAll(source, maxBytes: 1_000);
        Assert.Equal(source.GetInfo().MessageCount, LogFiles.RequireEqual(source.Directory, Copy));
        Assert.True(ReplicaInspector.Verify(Copy, source.Directory).IsEqual);
    }

    [Fact]
    public void A_run_never_ends_inside_a_batch()
    {
        using EstreamQueue source = OpenSource();
        using (QueueAppender appender = source.CreateAppender())
        {
            _ = appender.AppendBatch(new byte[3_000], [1_000, 1_000, 1_000]);
        }

        using CommittedLogReader reader = new(source, source.OldestPosition());
        Assert.True(reader.TryRead(100, out LogRange range));
        Assert.Equal(3, range.Run.Count);
    }

    [Fact]
    public void A_copy_continues_after_a_writer_that_was_killed_in_the_middle_of_a_run()
    {
        using EstreamQueue source = OpenSource();
        using (QueueAppender appender = source.CreateAppender())
        {
            for (int i = 0; i < 100; i++)
            {
                _ = appender.Append(RandomNumberGenerator.GetBytes(100));
            }
        }

        using (LogCopy copy = LogCopy.Open(Copy, source.Id, Options))
        using (CommittedLogReader reader = new(source, source.OldestPosition()))
        {
            Assert.True(reader.TryRead(1_000, out LogRange first));
            _ = copy.Append(first.Segment, first.Position, first.Frames);
            Assert.True(reader.TryRead(1_000, out LogRange second));

            // The first word, which publishes the run, was not written yet.
            Segment segment = copy.Queue.Segments.Acquire(0)!;
            segment.Memory.Write(second.Position + 8, second.Frames[8..]);
            copy.Queue.Segments.Release(segment);
        }

        CopyAll(source, maxBytes: 500);
        Assert.Equal(100, LogFiles.RequireEqual(source.Directory, Copy));
    }

    [Fact]
    public void Frames_with_a_changed_byte_at_another_position_or_of_another_queue_are_refused()
    {
        using EstreamQueue source = OpenSource();
        using (QueueAppender appender = source.CreateAppender())
        {
            _ = appender.Append(new byte[100]);
            _ = appender.Append(new byte[100]);
        }

        using LogCopy copy = LogCopy.Open(Copy, source.Id, Options);
        using CommittedLogReader reader = new(source, source.OldestPosition());
        Assert.True(reader.TryRead(1, out LogRange first));
        (SegmentHeader header, long position, byte[] frames) = (first.Segment, first.Position, first.Frames.ToArray());
        byte[] changed = (byte[])frames.Clone();
        changed[50] ^= 1;
        _ = Assert.Throws<EstreamCorruptionException>(() => copy.Append(header, position + 8, frames));
        _ = Assert.Throws<EstreamCorruptionException>(() => copy.Append(header with { QueueId = 1 }, position, frames));
        _ = Assert.Throws<EstreamCorruptionException>(() => copy.Append(header, position, changed));
        Assert.Equal(1, copy.Append(header, position, frames).Count);
        _ = Assert.Throws<EstreamCorruptionException>(() => copy.Append(header, position, frames));
    }

    [Fact]
    public void A_copy_refuses_an_appender_and_the_directory_of_another_queue()
    {
        using EstreamQueue source = OpenSource();
        using (source.CreateAppender())
        {
        }

        using (LogCopy copy = LogCopy.Open(Copy, source.Id, Options))
        {
            _ = Assert.Throws<EstreamLeaseException>(() => copy.Queue.CreateAppender());
        }

        _ = Assert.Throws<EstreamFormatException>(() => LogCopy.Open(Copy, source.Id + 1, Options));
    }

    [Fact]
    public void Verify_names_the_first_difference_and_counts_missing_messages()
    {
        using EstreamQueue source = OpenSource();
        using QueueAppender appender = source.CreateAppender();
        _ = appender.Append(new byte[100]);
        CopyAll(source, maxBytes: 1_000);
        Assert.Equal(ReplicaInspector.Verify(source.Directory).Digest, ReplicaInspector.Verify(Copy).Digest);
        _ = appender.Append(new byte[100]);
        Assert.Equal(1, ReplicaInspector.Verify(Copy, source.Directory).MissingMessages);
        using (EstreamQueue taken = EstreamQueue.Open(Copy))
        using (QueueAppender other = taken.CreateAppender())
        {
            _ = other.Append(new byte[99]);
        }

        Assert.Equal(256, ReplicaInspector.Verify(Copy, source.Directory).Difference);
        Assert.False(ReplicaInspector.Read(Copy).IsReplicated);
    }

    private static QueueOptions Options => new() { SegmentBytes = SegmentBytes };

    private EstreamQueue OpenSource() => EstreamQueue.Open(_folder.Combine("source"), Options);

    // Opens the copy again for each run.
    private void CopyAll(EstreamQueue source, int maxBytes)
    {
        long position = source.OldestPosition();
        while (true)
        {
            using LogCopy copy = LogCopy.Open(Copy, source.Id, Options);
            using CommittedLogReader reader = new(source, copy.IsEmpty ? position : copy.Position);
            for (int run = 0; run < 50; run++)
            {
                if (!reader.TryRead(maxBytes, out LogRange range))
                {
                    return;
                }

                _ = copy.Append(range.Segment, range.Position, range.Frames);
            }
        }
    }
}
