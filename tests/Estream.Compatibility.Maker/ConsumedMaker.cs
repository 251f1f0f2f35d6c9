using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Creates two queues and consumes one into the other: each input message has one output message, and each batch of output
/// messages records the read position. The process is killed after it has read more messages and before it commits them.</summary>
internal static class ConsumedMaker
{
    private const int Messages = 120;
    private const int Batches = 20;

    public static void Make(string directory)
    {
        var clock = new SteppingClock();
        QueueOptions options = new() { SegmentBytes = 64 << 10, Clock = clock };
        EstreamQueue source = EstreamQueue.Open(QueueScript.SourceOf(directory), options);
        EstreamQueue output = EstreamQueue.Open(QueueScript.OutputOf(directory), options);
        var writer = new ReportingWriter(clock, isShared: false, Console.WriteLine);
        using (QueueAppender appender = source.CreateAppender(AppenderMode.Exclusive))
        {
            while (writer.Number < Messages)
            {
                writer.Next(appender);
            }
        }

        QueueAppender results = output.CreateAppender();
        QueueTailer tailer = source.CreateTailer(QueueScript.Consumer, output);
        long consumed = 0;
        for (int i = 0; i < Batches; i++)
        {
            // Every fifth batch is empty, and an unrelated message precedes each batch.
            results.Append("of somebody else"u8);
            using BatchClaim batch = results.ClaimBatch(20_000, 5, tailer);
            consumed += Read(tailer, batch, consumed, count: i % 5);
            batch.Commit();
            Console.WriteLine($"consumed {tailer.Position} {batch.Position} {consumed}");
        }

        BatchClaim open = results.ClaimBatch(20_000, 5, tailer);
        Read(tailer, open, consumed, count: 3);
        Maker.WaitToBeKilled();
    }

    private static int Read(QueueTailer tailer, BatchClaim batch, long number, int count)
    {
        for (int i = 0; i < count; i++)
        {
            tailer.TryRead(out _);
            batch.Append(SeededBytes.Of(QueueScript.OutputNumbers + number + i));
        }

        return count;
    }
}
