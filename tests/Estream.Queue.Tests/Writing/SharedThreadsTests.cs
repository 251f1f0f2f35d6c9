using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// Many concurrent appenders, in threads that share mappings and through a second queue object with separate mappings. The segments have
/// the smallest size, so that nearly every append is near the end of a segment. Every reader reads every message of every writer once and
/// in its order.
/// </summary>
public sealed class SharedThreadsTests : QueueCase
{
    private const int Writers = 6;

    private static readonly int s_messages = LongRun.Count(15_000, 200_000);

    [Theory]
    [InlineData(0, FrameChecksum.None, false)]
    [InlineData(0, FrameChecksum.Crc32C, false)]
    [InlineData(2, FrameChecksum.Crc32C, false)]
    [InlineData(2, FrameChecksum.Crc32C, true)]
    public async Task Concurrent_writers_of_every_kind_lose_no_message(int retainedSegments, FrameChecksum checksum, bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted) with { RetainedBytes = retainedSegments * SegmentBytes, Checksum = checksum };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using EstreamQueue other = EstreamQueue.Open(QueueDirectory, options);
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory, options);
        using var written = new CancellationTokenSource();
        Task<WriterOrder>[] readers =
        [
            Start(() => Follow(queue, "one", written.Token)),
            Start(() => Follow(other, "two", written.Token)),
            Start(() => Follow(retainedSegments == 0 ? readOnly : queue, retainedSegments == 0 ? null : "three", written.Token)),
        ];

        // The names of the readers must exist before retention can delete a segment.
        Eventually.True(() => queue.GetInfo().Tailers.Count == (retainedSegments == 0 ? 2 : 3), "the readers are there");
        Task<bool>[] writers = [.. Enumerable.Range(0, Writers).Select(w => Start(() => Write(w % 2 == 0 ? queue : other, w)))];
        Task verifier = Start(() => VerifyAgainAndAgain(readOnly, written.Token));
        await Task.WhenAny(Task.WhenAll(writers), Task.WhenAny([.. readers, verifier]));
        bool failed = readers.Any(r => r.IsFaulted);
        if (!failed)
        {
            await Task.WhenAll(writers);
        }

        await written.CancelAsync();
        foreach (WriterOrder order in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Repeat((long)s_messages, Writers), Enumerable.Range(0, Writers).Select(order.CountOf));
        }

        await verifier;
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
    }

    private static Task<TResult> Start<TResult>(Func<TResult> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static bool Write(EstreamQueue queue, int writer)
    {
        var random = new Random(writer);
        byte[] buffer = new byte[2 * WriterMessage.MaxBytes];
        QueueAppender appender = queue.CreateAppender();
        try
        {
            for (int number = 0; number < s_messages; number++)
            {
                int length = WriterMessage.Write(writer, number, buffer);
                switch (random.Next(2_000))
                {
                    case 0:
                        appender.Dispose();
                        appender = queue.CreateAppender();
                        goto default;
                    case < 200 when number + 1 < s_messages:
                        int second = WriterMessage.Write(writer, ++number, buffer.AsSpan(length));
                        appender.AppendBatch(buffer.AsSpan(0, length + second), [length, second]);
                        break;
                    case < 300:
                        appender.Claim(random.Next(300)).Dispose();
                        goto default;
                    case < 600:
                        using (AppendClaim claim = appender.Claim(length + random.Next(40)))
                        {
                            buffer.AsSpan(0, length).CopyTo(claim.Span);
                            claim.Commit(length);
                        }

                        break;
                    default:
                        appender.Append(buffer.AsSpan(0, length));
                        break;
                }
            }
        }
        finally
        {
            appender.Dispose();
        }

        return true;
    }

    private static WriterOrder Follow(EstreamQueue queue, string? name, CancellationToken written)
    {
        using QueueTailer tailer = queue.CreateTailer(name);
        var order = new WriterOrder();
        for (bool last = false; !last;)
        {
            last = written.IsCancellationRequested;
            while (tailer.TryRead(out QueueMessage message))
            {
                order.Add(message);
            }
        }

        return order;
    }

    private static bool VerifyAgainAndAgain(EstreamQueue queue, CancellationToken written)
    {
        while (!written.IsCancellationRequested)
        {
            QueueVerification verification = queue.Verify();
            Assert.True(verification.IsWhole, verification.Damage?.Reason);
            queue.GetInfo();
        }

        return true;
    }
}
