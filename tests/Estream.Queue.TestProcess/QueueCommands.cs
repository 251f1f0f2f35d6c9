using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Commands on a queue in another process.</summary>
internal static class QueueCommands
{
    /// <summary>Takes the lease of the exclusive appender and keeps it.</summary>
    public static int HoldAppender(string directory)
    {
        using EstreamQueue queue = QueueAccess.Open(directory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Console.WriteLine("appending");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Opens a named tailer and reads one message.</summary>
    public static int HoldName(string directory, string name)
    {
        using EstreamQueue queue = QueueAccess.Open(directory);
        using QueueTailer tailer = queue.CreateTailer(name);
        tailer.TryRead(out _);
        Console.WriteLine("reading");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Holds the oldest segment. After a line of input, checks every message up to the end and reports their number.</summary>
    public static int HoldSegment(string directory)
    {
        using EstreamQueue queue = QueueAccess.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        long messages = ReadAvailable(tailer, limit: 1);
        Console.WriteLine("reading");
        Console.In.ReadLine();
        messages += ReadAvailable(tailer, long.MaxValue);
        Console.WriteLine($"read {messages}");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Reads the given number of messages with an unnamed tailer, and holds the segment of the last one.</summary>
    public static int Stand(string directory, bool mayWrite, long messages)
    {
        using EstreamQueue queue = mayWrite ? QueueAccess.Open(directory) : QueueAccess.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        ReadAvailable(tailer, messages);
        Console.WriteLine("reading");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Appends seeded messages until the process is killed: every third one through a claim, some of those after an aborted claim.
    /// Reports each message on standard output when it is appended.</summary>
    public static int Write(string directory, int seed, long retainedBytes)
    {
        var random = new Random(seed);
        using EstreamQueue queue = QueueAccess.Open(directory, new QueueOptions { SegmentBytes = 64 << 10, RetainedBytes = retainedBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using Stream output = Console.OpenStandardOutput();
        byte[] buffer = new byte[SeededMessage.MaxBytes];
        while (true)
        {
            long sequence = appender.NextSequence;
            int length = SeededMessage.Write(sequence, buffer);
            switch (random.Next(6))
            {
                case 0:
                    Abort(appender, length);
                    Claim(appender, buffer.AsSpan(0, length));
                    break;
                case 1:
                    Claim(appender, buffer.AsSpan(0, length));
                    break;
                default:
                    appender.Append(buffer.AsSpan(0, length));
                    break;
            }

            output.Write(System.Text.Encoding.ASCII.GetBytes($"{sequence}\n"));
        }
    }

    /// <summary>Appends groups of seeded messages with random durability until the process is killed. Waits until the last of a group is
    /// durable, and reports that message.</summary>
    public static int WriteDurable(string directory, int seed)
    {
        var random = new Random(seed);
        using EstreamQueue queue = QueueAccess.Open(directory, new QueueOptions { SegmentBytes = 64 << 10 });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using Stream output = Console.OpenStandardOutput();
        byte[] buffer = new byte[SeededMessage.MaxBytes];
        while (true)
        {
            long position = 0;
            for (int count = 1 + random.Next(20); count > 0; count--)
            {
                Durability durability = random.Next(8) == 0 ? Durability.Every : random.Next(4) == 0
                    ? Durability.PageCache
                    : Durability.GroupCommit();
                position = appender.Append(buffer.AsSpan(0, SeededMessage.Write(appender.NextSequence, buffer)), durability);
            }

            queue.WaitDurable(position);
            output.Write(System.Text.Encoding.ASCII.GetBytes($"{appender.NextSequence - 1}\n"));
        }
    }

    /// <summary>Follows a queue from its start until standard input ends, and checks every message.</summary>
    public static int Tail(string directory)
    {
        using EstreamQueue queue = QueueAccess.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        Task<string> end = Task.Run(Console.In.ReadToEnd);
        Console.WriteLine("tailing");
        IdleStrategy idle = IdleStrategy.Backoff();
        long next = 0;
        while (!end.IsCompleted)
        {
            long read = ReadAvailable(tailer, limit: 1_000, next);
            next += read;
            idle.Idle((int)read);
        }

        next += ReadAvailable(tailer, long.MaxValue, next);
        Console.WriteLine($"tailed {next}");
        return 0;
    }

    private static void Abort(QueueAppender appender, int length)
    {
        using AppendClaim claim = appender.Claim(length + 64);
        claim.Span.Fill(0xA5);
    }

    private static void Claim(QueueAppender appender, ReadOnlySpan<byte> message)
    {
        using AppendClaim claim = appender.Claim(message.Length + 40);
        claim.Span.Fill(0x5A);
        message.CopyTo(claim.Span);
        claim.Commit(message.Length);
    }

    private static long ReadAvailable(QueueTailer tailer, long limit, long? expected = null)
    {
        long messages = 0;
        while (messages < limit && tailer.TryRead(out QueueMessage message))
        {
            if (expected is { } first && message.Sequence != first + messages)
            {
                throw new InvalidOperationException(
                    $"the reader returned message {message.Sequence} at position {message.Position}; {first + messages} was expected");
            }

            if (!SeededMessage.Is(message.Payload, message.Sequence))
            {
                throw new InvalidOperationException($"message {message.Sequence} at position {message.Position} is torn");
            }

            messages++;
        }

        return messages;
    }
}
