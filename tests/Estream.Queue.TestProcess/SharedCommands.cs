using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Commands on a queue with several writers in another process.</summary>
internal static class SharedCommands
{
    private const int AcknowledgementBytes = 64;
    private const int MaxBatch = 8;

    /// <summary>Claims a message, keeps the claim open, and commits it on a line of input.</summary>
    public static int HoldClaim(string directory)
    {
        using EstreamQueue queue = QueueAccess.Open(directory);
        using QueueAppender appender = queue.CreateAppender();
        using AppendClaim claim = appender.Claim(WriterMessage.MaxBytes);
        int length = WriterMessage.Write(0, 0, claim.Span);
        Console.WriteLine("claimed");
        Console.In.ReadLine();
        claim.Commit(length);
        Console.WriteLine("committed");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Claims a message and appends another after it. Readers reach that message only when the claim is reclaimed.</summary>
    public static int HoldUp(string directory)
    {
        using EstreamQueue queue = QueueAccess.Open(directory);
        using QueueAppender appender = queue.CreateAppender();
        using QueueAppender other = queue.CreateAppender();
        using AppendClaim claim = appender.Claim(64);
        other.Append("behind"u8);
        Console.WriteLine("claimed");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Writes a batch and does not commit it.</summary>
    public static int HoldBatch(string directory, AppenderMode mode)
    {
        using EstreamQueue queue = QueueAccess.Open(directory);
        using QueueAppender appender = queue.CreateAppender(mode);
        using BatchClaim batch = appender.ClaimBatch(1_000, 10);
        for (int i = 0; i < 9; i++)
        {
            batch.Append("never shown"u8);
        }

        Console.WriteLine("written");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Appends the number of each message of a queue to another queue in batches, some of which it abandons.</summary>
    public static int Pipe(string sourceDirectory, string outputDirectory, AppenderMode mode, int seed)
    {
        var random = new Random(seed);
        using EstreamQueue source = QueueAccess.Open(sourceDirectory);
        using EstreamQueue output = QueueAccess.Open(outputDirectory);
        using QueueAppender appender = output.CreateAppender(mode);
        Console.WriteLine("consuming");
        while (true)
        {
            using QueueTailer tailer = source.CreateTailer("pipe", output);
            for (bool kept = true; kept;)
            {
                int count = 1 + random.Next(5);
                using BatchClaim batch = appender.ClaimBatch(count * sizeof(long), count, tailer);
                while (batch.Count < count && tailer.TryRead(out QueueMessage message))
                {
                    batch.Append(BitConverter.GetBytes(message.Sequence));
                }

                if (batch.Count == 0)
                {
                    Console.WriteLine("consumed all");
                    Console.In.ReadToEnd();
                    return 0;
                }

                Linger(random);
                if (kept = random.Next(50) != 0)
                {
                    batch.Commit();
                }
            }
        }
    }

    /// <summary>Appends messages in bursts with every kind of append, batches included, until the process is killed. Counts them in mapped
    /// memory, which outlives the process, as soon as they are appended. Claims often stay open for a while.</summary>
    public static int Write(string directory, int writer, string acknowledgements, long retainedBytes)
    {
        var random = new Random(writer);
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        RegionSpan mine = region.Slice((long)writer * AcknowledgementBytes, AcknowledgementBytes);
        using EstreamQueue queue = QueueAccess.Open(directory, new QueueOptions { SegmentBytes = 64 << 10, RetainedBytes = retainedBytes });
        using QueueAppender appender = queue.CreateAppender();
        byte[] buffer = new byte[MaxBatch * WriterMessage.MaxBytes];
        for (long number = 0; ;)
        {
            if (random.Next(4) == 0)
            {
                number += AppendBatch(appender, writer, number, buffer, random);
            }
            else
            {
                Append(appender, buffer.AsSpan(0, WriterMessage.Write(writer, number++, buffer)), random);
            }

            mine.WriteInt64Release(0, number);
            if (random.Next(100) == 0)
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>
    /// Follows a queue with a named tailer until standard input ends, and checks every message. Counts the messages of each writer in
    /// mapped memory, which outlives the process. The next tailer of that name must continue after the counted messages: only the last
    /// message, which was not committed, may be read again.
    /// </summary>
    public static int Follow(string directory, string name, string taken)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(taken, RegionAccess.ReadWrite);
        var order = new WriterOrder();
        for (int writer = 0; writer < region.Length / sizeof(long); writer++)
        {
            order.GoOn(writer, region.All.ReadInt64Acquire((long)writer * sizeof(long)));
        }

        using EstreamQueue queue = QueueAccess.Open(directory);
        using QueueTailer tailer = queue.CreateTailer(name);
        Task<string> end = Task.Run(Console.In.ReadToEnd);
        Console.WriteLine("following");
        IdleStrategy idle = IdleStrategy.Backoff();
        while (true)
        {
            bool isLast = end.IsCompleted;
            long before = order.Count;
            while (tailer.TryRead(out QueueMessage message))
            {
                // The message is counted before the next read, which commits this message.
                WriterMark mark = order.Add(message);
                region.All.WriteInt64Release((long)mark.Writer * sizeof(long), mark.Number + 1);
            }

            order.EndOfLog();
            if (isLast)
            {
                break;
            }

            idle.Idle((int)(order.Count - before));
        }

        Console.WriteLine($"followed {order.Count}");
        return 0;
    }

    // Some claims are longer than their message, and some follow an abandoned claim that was half written.
    private static int AppendBatch(QueueAppender appender, int writer, long number, byte[] buffer, Random random)
    {
        Span<int> lengths = stackalloc int[2 + random.Next(MaxBatch - 1)];
        int bytes = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = WriterMessage.Write(new WriterMark(writer, number + i, i, lengths.Length - 1 - i), buffer.AsSpan(bytes));
            bytes += lengths[i];
        }

        ReadOnlySpan<byte> messages = buffer.AsSpan(0, bytes);
        if (random.Next(2) == 0)
        {
            appender.AppendBatch(messages, lengths);
            return lengths.Length;
        }

        if (random.Next(8) == 0)
        {
            using BatchClaim aborted = appender.ClaimBatch(bytes, lengths.Length);
            Fill(aborted, messages, lengths[..random.Next(lengths.Length)], random);
        }

        using BatchClaim batch = appender.ClaimBatch(bytes + random.Next(100), lengths.Length + random.Next(3));
        Fill(batch, messages, lengths, random);
        batch.Commit();
        return lengths.Length;
    }

    private static void Fill(BatchClaim batch, ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, Random random)
    {
        foreach (int length in lengths)
        {
            batch.Append(messages[..length]);
            messages = messages[length..];
            Linger(random);
        }
    }

    private static void Append(QueueAppender appender, ReadOnlySpan<byte> message, Random random)
    {
        int way = random.Next(40);
        if (way == 0)
        {
            using AppendClaim aborted = appender.Claim(random.Next(5_000));
            aborted.Span.Fill(0xA5);
            Linger(random);
        }

        if (way < 10)
        {
            using AppendClaim claim = appender.Claim(message.Length + random.Next(100));
            message.CopyTo(claim.Span);
            Linger(random);
            claim.Commit(message.Length);
            return;
        }

        appender.Append(message);
    }

    private static void Linger(Random random)
    {
        if (random.Next(20) == 0)
        {
            Thread.Sleep(random.Next(3));
        }
    }
}
