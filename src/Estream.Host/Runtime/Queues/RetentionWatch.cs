using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// Finds the named readers that keep segments beyond the retention limits of their queue, and the queues that delete nothing by age, and
/// logs one warning for each. A reader that is behind for a moment is not logged: two looks in a row must find it. Not thread-safe.
/// </summary>
internal sealed partial class RetentionWatch(IClock clock, ILogger logger)
{
    // A look reads the cursors of each queue, so an idle host can afford it only now and then.
    private const long IntervalNanos = 30_000_000_000;

    private readonly Dictionary<string, IReadOnlyList<ReaderHold>> _holds = new(StringComparer.Ordinal);
    private readonly HashSet<(string Queue, string Reader)> _logged = [];
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);
    private long? _last;

    /// <summary>The readers that keep segments of a queue, as of the last look; null if none do.</summary>
    public IReadOnlyList<ReaderHold>? Of(string queue) => _holds.GetValueOrDefault(queue);

    /// <summary>Looks at all queues, at most every 30 seconds.</summary>
    public void Look(IEnumerable<QueueRuntime> queues)
    {
        if (_last is { } last && clock.MonotonicNanos - last < IntervalNanos)
        {
            return;
        }

        _last = clock.MonotonicNanos;
        foreach (QueueRuntime queue in queues)
        {
            Look(queue);
        }
    }

    private void Look(QueueRuntime queue)
    {
        LookAtClock(queue);
        IReadOnlyList<ReaderHold> holds;
        try
        {
            holds = [.. queue.Queue.GetTailerHolds().Select(hold => new ReaderHold(hold.Name, hold.Bytes))];
        }
        catch (EstreamException)
        {
            // A cursor or a segment is damaged. The process that reads it reports the damage.
            return;
        }

        IReadOnlyList<ReaderHold> before = Of(queue.Name) ?? [];
        _logged.RemoveWhere(one => one.Queue == queue.Name && holds.All(hold => hold.Reader != one.Reader));
        foreach (ReaderHold hold in holds.Where(hold => before.Any(earlier => earlier.Reader == hold.Reader)))
        {
            if (_logged.Add((queue.Name, hold.Reader)))
            {
                Log(queue.Name, hold);
            }
        }

        _holds.Remove(queue.Name);
        if (holds.Count > 0)
        {
            _holds.Add(queue.Name, holds);
        }
    }

    private void LookAtClock(QueueRuntime queue)
    {
        if (queue.Queue.RetentionPause is not { } pause)
        {
            _paused.Remove(queue.Name);
        }
        else if (_paused.Add(queue.Name))
        {
            LogPaused(logger, queue.Name, pause.Reason);
        }
    }

    private void Log(string queue, ReaderHold hold)
    {
        if (hold.Reader.StartsWith(CursorOwners.Prefix, StringComparison.Ordinal))
        {
            LogCursor(logger, queue, hold.Bytes, hold.Reader[CursorOwners.Prefix.Length..]);
        }
        else
        {
            LogReader(logger, queue, hold.Bytes, hold.Reader);
        }
    }

    [LoggerMessage(EventId = 154, Level = LogLevel.Warning,
        Message = "Queue {Queue} retains {Bytes} bytes beyond its retention limits for the cursor {Cursor} of a remote client. If no "
            + "client will use the cursor any more, remove it with 'estream queue remove-cursor'; otherwise retention stops waiting for it "
            + "when it has been unused for Estream:Client:MaxCursorAge.")]
    private static partial void LogCursor(ILogger logger, string queue, long bytes, string cursor);

    [LoggerMessage(EventId = 156, Level = LogLevel.Warning, Message = "Queue {Queue} deletes no messages by age: {Reason}")]
    private static partial void LogPaused(ILogger logger, string queue, string reason);

    [LoggerMessage(EventId = 155, Level = LogLevel.Warning,
        Message = "Queue {Queue} retains {Bytes} bytes beyond its retention limits for its reader {Reader}. If nothing will use the reader "
            + "any more, remove it with 'estream queue remove-tailer'.")]
    private static partial void LogReader(ILogger logger, string queue, long bytes, string reader);
}
