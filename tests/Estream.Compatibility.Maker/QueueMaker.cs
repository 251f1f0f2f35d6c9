using Estream.Core;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Creates the queues. Writes each message to standard output after its append has returned and before the next one
/// begins.</summary>
internal static class QueueMaker
{
    private const int SegmentBytes = 64 << 10;

    public static void Make(string name, string directory)
    {
        switch (name)
        {
            case "queue-checksums": Whole(directory, new QueueOptions(), segments: 4); break;
            case "queue-plain": Whole(directory, new QueueOptions { Checksum = FrameChecksum.None }, segments: 3); break;
            case "queue-reused": Whole(directory, new QueueOptions { RetainedBytes = 2 * SegmentBytes }, segments: 9); break;
            case "queue-empty": EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = SegmentBytes }).Dispose(); break;
            case "queue-killed-in-claim": KilledInClaim(directory); break;
            case "queue-killed-between-segments": KilledBetweenSegments(directory); break;
            default: QueueV2Maker.Make(name, directory); break;
        }
    }

    private static void Whole(string directory, QueueOptions options, int segments)
    {
        var clock = new SteppingClock();
        using EstreamQueue queue = EstreamQueue.Open(directory, options with { SegmentBytes = SegmentBytes, Clock = clock });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer slow = queue.CreateTailer("billing");
        using QueueTailer end = queue.CreateTailer("audit.2");
        while (appender.NextPosition < ((segments - 1L) * SegmentBytes) + (SegmentBytes / 2))
        {
            Append(appender, clock);

            // The slow tailer stays slightly behind, so that segments can be reused.
            for (int i = 0; appender.NextSequence > 300 && i < 1; i++)
            {
                slow.TryRead(out _);
            }

            while (end.TryRead(out _))
            {
            }
        }

        slow.Commit();
        Console.WriteLine($"cursor billing {slow.Position}");
        Console.WriteLine($"cursor audit.2 {end.Position}");
    }

    private static void KilledInClaim(string directory)
    {
        var clock = new SteppingClock();
        EstreamQueue queue = EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = SegmentBytes, Clock = clock });
        QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        QueueTailer tailer = queue.CreateTailer("billing");
        while (appender.NextPosition < 2.5 * SegmentBytes)
        {
            Append(appender, clock);
        }

        for (int i = 0; i < 100; i++)
        {
            tailer.TryRead(out _);
        }

        Console.WriteLine($"cursor billing {Consumed(tailer)}");
        AppendClaim claim = appender.Claim(3_000);
        claim.Span.Fill(0xEE);
        Maker.WaitToBeKilled();
    }

    // The last message read counts as consumed only when the next one is requested.
    private static long Consumed(QueueTailer tailer)
    {
        tailer.TryRead(out QueueMessage message);
        return message.Position;
    }

    private static void KilledBetweenSegments(string directory)
    {
        var clock = new SteppingClock();
        var storage = new DyingStorage { DiesBeforeRenameTo = "000000000002.seg" };
        EstreamQueue queue =
            EstreamQueue.Open(directory, new QueueOptions { SegmentBytes = SegmentBytes, Clock = clock, Storage = storage });
        QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        while (true)
        {
            Append(appender, clock);
        }
    }

    private static void Append(QueueAppender appender, SteppingClock clock)
    {
        long sequence = appender.NextSequence;
        byte[] payload = SeededBytes.Of(sequence);
        clock.Step(sequence);
        if (sequence % 7 == 3)
        {
            using AppendClaim aborted = appender.Claim(500);
            aborted.Span.Fill(0xA5);
        }

        long position = sequence % 3 == 0 ? Claim(appender, payload) : appender.Append(payload);
        Console.WriteLine($"message {position} {sequence} {clock.Now} {payload.Length}");
    }

    private static long Claim(QueueAppender appender, byte[] payload)
    {
        using AppendClaim claim = appender.Claim(payload.Length + 40);
        claim.Span.Fill(0x5A);
        payload.CopyTo(claim.Span);
        claim.Commit(payload.Length);
        return claim.Position;
    }
}
