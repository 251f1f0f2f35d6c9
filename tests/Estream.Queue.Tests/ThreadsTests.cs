using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>One appender runs through many segments with reuse enabled. Readers of all kinds run concurrently, in threads that share the
/// appender's mappings and through a second queue object with separate mappings. The test runs for a number of segments, not for a
/// time.</summary>
public sealed class ThreadsTests : QueueCase
{
    private static readonly int s_segments = LongRun.Count(150, 10_000);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Readers_of_every_kind_see_whole_messages_in_order_while_segments_are_reused(int retainedSegments)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = retainedSegments * SegmentBytes });
        using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 10);
        using var written = new CancellationTokenSource();
        Task[] readers =
        [
            Start(() => Follow(queue, null, written.Token)),
            Start(() => Follow(queue, "named", written.Token)),
            Start(() => Follow(other, null, written.Token)),
            Start(() => ComeAndGo(queue, written.Token)),
            Start(() => ComeAndGo(other, written.Token)),
            Start(() => Inspect(other, written.Token)),
        ];
        Task writer = Start(() => Write(appender, written.Token));

        // When the writer finishes or a thread fails, all other threads are stopped: no thread may use the mappings when they are
        // released.
        await Task.WhenAny([writer, .. readers]);
        await written.CancelAsync();
        await Task.WhenAll([writer, .. readers]);
        Assert.Equal(s_segments, appender.NextPosition / SegmentBytes);
        Assert.True(queue.Verify().IsWhole);

        // The name is deleted, because its cursor would retain all later segments.
        File.Delete(InQueue("tailers", "named.cursor"));
        AppendSegments(appender, retainedSegments + 2);
        Assert.InRange(SegmentFiles().Length, retainedSegments, retainedSegments + 2);
    }

    private static Task Start(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Write(QueueAppender appender, CancellationToken failed)
    {
        for (int i = 0; i < s_segments && !failed.IsCancellationRequested; i++)
        {
            AppendSegments(appender, 1);
        }
    }

    private static void Follow(EstreamQueue queue, string? name, CancellationToken written)
    {
        using QueueTailer tailer = queue.CreateTailer(name);
        long? next = null;
        bool last;
        do
        {
            last = written.IsCancellationRequested;
            long read = ReadToEnd(tailer, next);
            next = read < 0 ? next : read;
        }
        while (!last);

        Assert.Equal(queue.GetInfo().NextSequence, next);
        tailer.Commit();
    }

    private static void ComeAndGo(EstreamQueue queue, CancellationToken written)
    {
        var random = new Random(5);
        while (!written.IsCancellationRequested)
        {
            using QueueTailer tailer = queue.CreateTailer();
            Assert.True(tailer.TryRead(out QueueMessage first));
            long position = first.Position;
            long sequence = first.Sequence;
            for (int i = random.Next(300); i > 0 && tailer.TryRead(out QueueMessage message); i--)
            {
                Assert.True(TestProcess.SeededMessage.Is(message.Payload, message.Sequence));
                (position, sequence) = (message.Position, message.Sequence);
            }

            tailer.Seek(position);
            Assert.True(tailer.TryRead(out QueueMessage again));
            Assert.Equal(sequence, again.Sequence);
            tailer.SeekToEnd();
            Assert.True(tailer.Position >= position);
            tailer.SeekToStart();
            Assert.True(tailer.TryRead(out _));
        }
    }

    private static void Inspect(EstreamQueue queue, CancellationToken written)
    {
        long next = 0;
        while (!written.IsCancellationRequested)
        {
            QueueInfo info = queue.GetInfo();
            Assert.InRange(info.NextSequence, next, long.MaxValue);
            Assert.InRange(info.FirstSequence, 0, info.NextSequence);
            next = info.NextSequence;
            QueueVerification verification = queue.Verify();
            Assert.True(verification.IsWhole, verification.Damage?.Reason);
        }
    }
}
