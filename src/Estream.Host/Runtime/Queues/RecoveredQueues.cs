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
        Message = "Queue {Queue} was checked from position {From} to its end at {End} ({Cause}): everything is whole.")]
    private static partial void LogWhole(ILogger logger, string queue, long from, long end, QueueRecoveryCause cause);

    [LoggerMessage(EventId = 55, Level = LogLevel.Warning,
        Message = "Queue {Queue} was cut at position {End} ({Cause}): up to position {To}, {Bytes} bytes with {Messages} whole messages "
            + "and {Segments} segments followed something that is lost.")]
    private static partial void LogCut(ILogger logger, string queue, long end, long to, long bytes, long messages, int segments,
        QueueRecoveryCause cause);
}
