using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>Logs at the start which queues were recovered after a restart of the machine or a failed flush, and what they lost.</summary>
internal static partial class RecoveredQueues
{
    /// <param name="logger">The logger.</param>
    /// <param name="queues">The opened queues.</param>
    /// <param name="since">Nanoseconds since 1970 UTC. Earlier recoveries were already logged.</param>
    public static void Tell(ILogger logger, IEnumerable<QueueRuntime> queues, long since)
    {
        foreach (QueueRuntime queue in queues)
        {
            if (queue.Queue.Recovery is not { } done || done.RecoveredAt < since)
            {
                continue;
            }

            if (done.IsWhole)
            {
                LogWhole(logger, queue.Name, done.VerifiedFrom, done.EndPosition, done.Cause);
            }
            else
            {
                LogCut(logger, queue.Name, done.EndPosition, done.CutTo, done.CutBytes, done.CutMessages, done.CutSegments, done.Cause);
            }
        }
    }

    [LoggerMessage(EventId = 54, Level = LogLevel.Information,
        Message = "Queue {Queue} was checked from position {From} to its end at {End} ({Cause}): no damage found.")]
    private static partial void LogWhole(ILogger logger, string queue, long from, long end, QueueRecoveryCause cause);

    [LoggerMessage(EventId = 55, Level = LogLevel.Warning,
        Message = "Queue {Queue} was truncated at position {End} ({Cause}): up to position {To}, {Bytes} bytes with {Messages} complete "
            + "messages and {Segments} segments after lost data were removed.")]
    private static partial void LogCut(ILogger logger, string queue, long end, long to, long bytes, long messages, int segments,
        QueueRecoveryCause cause);
}
