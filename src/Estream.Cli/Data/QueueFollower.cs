using Estream.Cli.Output;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>Receives a message of a queue.</summary>
internal delegate void MessageTaker(in QueueMessage message);

/// <summary>Reads a queue from a start point to the end that the queue had at the start of the command, or follows it until the command is
/// cancelled.</summary>
internal static class QueueFollower
{
    /// <summary>Passes each message to <paramref name="take"/>. Flushes <paramref name="lines"/> before each wait.</summary>
    public static void Run(EstreamQueue queue, StartPoint start, bool follow, int longestPauseMicroseconds, LineWriter lines,
        MessageTaker take, CancellationToken cancellation)
    {
        // Read the end of the queue once: with a busy writer, the current end would never be reached.
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
