using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Waits for messages, and appends while others wait.</summary>
internal static class WaitCommands
{
    /// <summary>Reads a queue and waits when there is no message, until <see cref="WriterMessage.LastWriter"/> has written. Never polls, so
    /// a lost wake-up stops it permanently. The queue must have no message at first. Reports the number of messages and how the waits
    /// ended.</summary>
    public static async Task<int> Wait(string directory, string way)
    {
        using EstreamQueue queue =
            EstreamQueue.Open(directory, new QueueOptions { LongestSleep = Timeout.InfiniteTimeSpan, Idle = IdleStrategy.Sleep() });
        using QueueTailer tailer = queue.CreateTailer(way == "named" ? "waiting" : null);

        // Reports the first sleep, and not its attempt: each process sleeps at least once, however late it gets a processor.
        Task sleeping = Task.Run(() =>
        {
            while (queue.WaiterSignal.Sleeps == 0)
            {
                Thread.Sleep(1);
            }

            Console.WriteLine("waiting");
        });
        var order = new WriterOrder();
        if (way == "async")
        {
            await foreach (QueueEntry entry in tailer.ReadAllAsync())
            {
                order.Add(entry.Payload, entry.Position);
                if (order.CountOf(WriterMessage.LastWriter) > 0)
                {
                    break;
                }
            }
        }
        else
        {
            while (order.CountOf(WriterMessage.LastWriter) == 0 && tailer.TryRead(out QueueMessage message, Timeout.InfiniteTimeSpan))
            {
                order.Add(message);
            }
        }

        await sleeping;
        Console.WriteLine(
            $"read {order.Count} messages, slept {queue.WaiterSignal.Sleeps} times, overslept {queue.WaiterSignal.Overslept}");
        return 0;
    }

    /// <summary>Appends a few messages each time a reader waits, until the process is killed.</summary>
    public static int WriteBursts(string directory, int writer, AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(directory);
        using QueueAppender appender = queue.CreateAppender(mode);
        Console.WriteLine("writing");
        byte[] buffer = new byte[WriterMessage.MaxBytes];
        var random = new Random(writer);
        long number = 0;
        IdleStrategy idle = IdleStrategy.Backoff();
        while (true)
        {
            bool someoneSleeps = queue.WaiterSignal.Flag.IsUp;
            for (int count = someoneSleeps ? 1 + random.Next(5) : 0; count > 0; count--)
            {
                appender.Append(buffer.AsSpan(0, WriterMessage.Write(writer, number++, buffer)));
            }

            idle.Idle(someoneSleeps ? 1 : 0);
        }
    }
}
