using Estream.Core;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Creates the queues with the features of version 2: shared appenders, batches, encryption and recovery.</summary>
internal static class QueueV2Maker
{
    private const int SegmentBytes = 64 << 10;

    /// <summary>The offset of the boot id in queue.meta.</summary>
    public const int BootOffset = 256;

    private static readonly QueueOptions s_small = new() { SegmentBytes = SegmentBytes };

    public static void Make(string name, string directory)
    {
        switch (name)
        {
            case "queue-shared": Shared(directory); break;
            case "queue-killed-in-shared-claims": KilledInSharedClaims(directory); break;
            case "queue-killed-in-batch": KilledInBatch(directory); break;
            case "queue-encrypted": Encrypted(directory); break;
            case "queue-recovered": Recovered(directory); break;
            default: throw new ArgumentException($"There is no queue '{name}'.");
        }
    }

    private static void Shared(string directory)
    {
        var clock = new SteppingClock();
        var writer = new ReportingWriter(clock, isShared: true, Console.WriteLine);
        using EstreamQueue queue = EstreamQueue.Open(directory, s_small with { Clock = clock });
        using QueueAppender first = queue.CreateAppender();
        using QueueAppender second = queue.CreateAppender();
        using QueueTailer slow = queue.CreateTailer("billing");
        using QueueTailer end = queue.CreateTailer("audit.2");
        while (second.NextPosition < 1.6 * SegmentBytes)
        {
            writer.Next(first);
            writer.Next(second);
            writer.NextOutOfOrder(first, second);
            slow.TryRead(out _);
            while (end.TryRead(out _))
            {
            }
        }

        slow.Commit();
        Console.WriteLine($"cursor billing {slow.Position}");
        Console.WriteLine($"cursor audit.2 {end.Position}");
    }

    // One appender dies with a claim, one with a batch, and a third has appended after both.
    private static void KilledInSharedClaims(string directory)
    {
        var clock = new SteppingClock();
        var writer = new ReportingWriter(clock, isShared: true, Console.WriteLine);
        EstreamQueue queue = EstreamQueue.Open(directory, s_small with { Clock = clock });
        QueueAppender[] appenders = [.. Enumerable.Range(0, 3).Select(_ => queue.CreateAppender())];
        while (appenders[0].NextPosition < 0.4 * SegmentBytes)
        {
            writer.Next(appenders[writer.Number % 3]);
        }

        AppendClaim claim = appenders[0].Claim(1_000);
        claim.Span.Fill(0xEE);
        writer.Sequence++;
        Console.WriteLine($"claim {claim.Position}");
        writer.Next(appenders[2]);
        BatchClaim batch = appenders[1].ClaimBatch(1_000, 5);
        batch.Append("never shown"u8);
        batch.Append("nor this"u8);
        writer.Sequence += 5;
        Console.WriteLine($"claim {batch.Position}");
        for (int i = 0; i < 20; i++)
        {
            writer.Next(appenders[2]);
        }

        Maker.WaitToBeKilled();
    }

    private static void KilledInBatch(string directory)
    {
        var clock = new SteppingClock();
        var writer = new ReportingWriter(clock, isShared: false, Console.WriteLine);
        EstreamQueue queue = EstreamQueue.Open(directory, s_small with { Clock = clock });
        QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        while (appender.NextPosition < 1.2 * SegmentBytes)
        {
            writer.Next(appender);
        }

        BatchClaim batch = appender.ClaimBatch(3_000, 10);
        for (int i = 0; i < 8; i++)
        {
            batch.Append(SeededBytes.Of(i + QueueScript.OutputNumbers));
        }

        Maker.WaitToBeKilled();
    }

    // The queue has two keys, each wrapped with its own master key. One appender writes first, then two.
    private static void Encrypted(string directory)
    {
        var clock = new SteppingClock();
        var alone = new ReportingWriter(clock, isShared: false, Console.WriteLine);
        using (QueueKeyRing keys = QueueScript.Keys("first"))
        using (EstreamQueue queue = EstreamQueue.Open(directory, s_small with { Clock = clock, Keys = keys }))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            while (alone.Number < 60)
            {
                alone.Next(appender);
            }
        }

        using QueueKeyRing both = QueueScript.Keys("second", "first");
        using EstreamQueue rotated = EstreamQueue.Open(directory, s_small with { Clock = clock, Keys = both });
        rotated.RotateKey();
        var shared = new ReportingWriter(clock, isShared: true, Console.WriteLine) { Sequence = alone.Sequence };
        using QueueAppender first = rotated.CreateAppender();
        using QueueAppender second = rotated.CreateAppender();
        using QueueTailer tailer = rotated.CreateTailer("billing");
        while (shared.Number < 60)
        {
            shared.Next(first);
            shared.Next(second);
            shared.NextOutOfOrder(second, first);
            tailer.TryRead(out _);
        }

        tailer.Commit();
        Console.WriteLine($"cursor billing {tailer.Position}");
    }

    // Damages a message that was not durable and changes the boot id. Recovery truncates the log there and drops a segment, and the log
    // continues.
    private static void Recovered(string directory)
    {
        var clock = new SteppingClock();
        var before = new List<string>();
        Action<string> report = before.Add;
        var writer = new ReportingWriter(clock, isShared: true, line => report(line));
        using (EstreamQueue queue = EstreamQueue.Open(directory, s_small with { Clock = clock }))
        {
            using QueueAppender appender = queue.CreateAppender();
            Fill(writer, appender, 0.4);
            queue.WaitDurable(appender.NextPosition - 1);
            Console.WriteLine($"durable {queue.DurablePosition}");
            Fill(writer, appender, 1.3);
        }

        Damage(Path.Combine(directory, "000000000000.seg"), before.Select(PositionOf).First(position => position > SegmentBytes / 2) + 8);
        Damage(Path.Combine(directory, "queue.meta"), BootOffset);
        using EstreamQueue recovered = EstreamQueue.Open(directory, s_small with { Clock = clock });
        QueueRecovery done = recovered.Recovery!;
        before.Where(line => PositionOf(line) < done.EndPosition).ToList().ForEach(Console.WriteLine);
        Console.WriteLine(
            $"recovery {(int)done.Cause} {done.RecoveredAt} {done.VerifiedFrom} {done.EndPosition} "
            + $"{done.CutTo} {done.CutMessages} {done.CutSegments}");
        using QueueAppender next = recovered.CreateAppender();
        writer.Sequence = next.NextSequence;
        report = Console.WriteLine;
        Fill(writer, next, 1.4);
    }

    private static long PositionOf(string line) => long.Parse(line.Split(' ')[1]);

    private static void Damage(string segment, long offset)
    {
        using FileStream file = File.OpenWrite(segment);
        file.Position = offset;
        file.WriteByte(0xBD);
    }

    private static void Fill(ReportingWriter writer, QueueAppender appender, double segments)
    {
        while (appender.NextPosition < segments * SegmentBytes)
        {
            writer.Next(appender);
        }
    }
}
