using Estream.Cli.Output;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>Takes a message of a queue.</summary>
internal delegate void MessageTaker(in QueueMessage message);

/// <summary>Reads a queue from a place to its end as it was at first, or follows it until the command is to end.</summary>
internal static class QueueFollower
{
    /// <summary>Hands over each message. Lines are flushed before each wait.</summary>
    public static void Run(EstreamQueue queue, StartPoint start, bool follow, int longestPauseMicroseconds, LineWriter lines,
        MessageTaker take, CancellationToken cancellation)
    {
        // The end as it is now: beside a busy writer, the end of the moment would never be reached.
        QueueInfo info = queue.GetInfo();
        long end = follow ? long.MaxValue : info.EndPosition;
        using QueueTailer tailer = queue.CreateTailer();
        tailer.Idle = IdleStrategy.Sleep(longestPauseMicroseconds);
        start.Seek(tailer, info);
        while (!cancellation.IsCancellationRequested && tailer.Position < end)
        {
            if (tailer.TryRead(out QueueMessage message))
            {
                take(in message);
                continue;
            }

            lines.Flush();
            if (!follow)
            {
                break;
            }

            tailer.WaitToRead(Timeout.InfiniteTimeSpan, cancellation);
        }
    }
}
