using Estream.Core;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Map changes as messages of a queue.</summary>
public sealed class QueueChangeSinkTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Events_that_the_queue_cannot_store_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new QueueChangeSink(null!));
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, new QueueOptions { SegmentBytes = 1 << 20 });
        using (queue.CreateAppender(AppenderMode.Exclusive))
        {
            Assert.Throws<EstreamLeaseException>(() => new QueueChangeSink(queue));
        }

        using QueueChangeSink sink = new(queue);
        using (EstreamQueue reader = EstreamQueue.OpenReadOnly(_directory.Path))
        {
            Assert.Throws<InvalidOperationException>(() => new QueueChangeSink(reader));
        }

        Assert.Throws<ArgumentException>(() => sink.Append(new MapChange(MapChangeKind.Put, [1], new byte[queue.MaxMessageBytes])));
        sink.Append(new MapChange(MapChangeKind.Put, [1], [2], version: 3, expiresAt: 4));
        sink.Dispose();
        sink.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sink.Append(new MapChange(MapChangeKind.Clear, default, default)));
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.True(MapChange.TryRead(message.Payload, out MapChange change));
        Assert.Equal((MapChangeKind.Put, 1, 2), (change.Kind, (int)change.Key[0], (int)change.Value[0]));
        Assert.Equal((3, 4), (change.Version, change.ExpiresAt));
        Assert.False(tailer.TryRead(out _));
    }

    [Fact]
    public void An_exclusive_sink_excludes_other_sinks_and_is_for_one_writer()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, new QueueOptions { SegmentBytes = 1 << 20 });
        using (QueueChangeSink shared = new(queue))
        {
            Assert.False(shared.IsForOneWriter);
            Assert.Throws<EstreamLeaseException>(() => new QueueChangeSink(queue, AppenderMode.Exclusive));
        }

        QueueChangeSink alone = new(queue, AppenderMode.Exclusive);
        Assert.True(alone.IsForOneWriter);
        Assert.Throws<EstreamLeaseException>(() => new QueueChangeSink(queue));
        alone.Append(new MapChange(MapChangeKind.Put, [1], [2]));
        alone.Append(new MapChange(MapChangeKind.Put, [1], new byte[1_000]));
        alone.Flush();
        Assert.Equal(queue.EndPosition(), queue.DurablePosition);
        alone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => alone.Append(new MapChange(MapChangeKind.Clear, default, default)));
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage small) && MapChange.TryRead(small.Payload, out MapChange first)
            && first.Value.Length == 1);
        Assert.True(tailer.TryRead(out QueueMessage large) && MapChange.TryRead(large.Payload, out MapChange second)
            && second.Value.Length == 1_000);
        using QueueChangeSink next = new(queue, AppenderMode.Exclusive);
    }

    [Fact]
    public void Flush_makes_the_events_of_this_and_other_sinks_durable()
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueChangeSink sink = new(queue);
        sink.Flush();
        sink.Append(new MapChange(MapChangeKind.Put, [1], [2]));
        using EstreamQueue otherQueue = EstreamQueue.Open(_directory.Path, new QueueOptions { SegmentBytes = 1 << 20 });
        using (QueueChangeSink other = new(otherQueue))
        {
            other.Append(new MapChange(MapChangeKind.Put, [3], [4]));
        }

        long end = queue.EndPosition();
        Assert.True(queue.DurablePosition < end);
        sink.Flush();
        Assert.Equal(end, queue.DurablePosition);
        sink.Dispose();
        Assert.Throws<ObjectDisposedException>(sink.Flush);
    }

    [Fact]
    public void Many_threads_append_concurrently()
    {
        const int Threads = 4;
        const int Turns = 2_000;
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, new QueueOptions { SegmentBytes = 1 << 20 });
        using QueueChangeSink sink = new(queue);
        Parallel.For(0, Threads, thread =>
        {
            for (int turn = 0; turn < Turns; turn++)
            {
                sink.Append(new MapChange(MapChangeKind.Put, [(byte)thread], BitConverter.GetBytes(turn)));
            }
        });
        int[] next = new int[Threads];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(MapChange.TryRead(message.Payload, out MapChange change));
            Assert.Equal(next[change.Key[0]]++, BitConverter.ToInt32(change.Value));
        }

        Assert.All(next, count => Assert.Equal(Turns, count));
    }

    [Theory]
    [InlineData(AppenderMode.Shared)]
    [InlineData(AppenderMode.Exclusive)]
    public void Appending_events_allocates_nothing(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path);
        using QueueChangeSink sink = new(queue, mode);
        byte[] bytes = new byte[100];
        Assert.Equal(0,
            AllocationMeter.OnThisThread(10_000, () => sink.Append(new MapChange(MapChangeKind.Put, bytes.AsSpan(0, 8), bytes))));
    }
}
