using System.Diagnostics.Metrics;
using Estream.Queue;

namespace Estream.Host.Remote;

/// <summary>The partitions that the groups of clients leave out because they cannot be read. Logs each of them once, until a member reads
/// the partition again. Thread-safe.</summary>
internal sealed partial class GroupFailures : IDisposable
{
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Estream.Host");
    private readonly Dictionary<(GroupName Group, int Partition), string> _failures = [];

    public GroupFailures(ILogger logger)
    {
        _logger = logger;
        _meter.CreateObservableGauge("estream.group.left_out", () => Count, "{partition}",
            "Partitions that groups of clients leave out because they cannot be read.");
    }

    /// <summary>The number of partitions that are left out.</summary>
    public int Count
    {
        get
        {
            lock (_failures)
            {
                return _failures.Count;
            }
        }
    }

    /// <summary>Records that a member leaves a partition out.</summary>
    public void Add(GroupName group, GroupFailure failure)
    {
        lock (_failures)
        {
            if (_failures.TryGetValue((group, failure.Partition), out string? known) && known == failure.Reason)
            {
                return;
            }

            _failures[(group, failure.Partition)] = failure.Reason;
        }

        LogLeftOut(_logger, group.Group, failure.Partition, group.Queue, failure.Reason);
    }

    /// <summary>Records that a member reads a partition, or has read all messages of the partition.</summary>
    public void Remove(GroupName group, int partition)
    {
        lock (_failures)
        {
            if (_failures.Count == 0 || !_failures.Remove((group, partition)))
            {
                return;
            }
        }

        LogRead(_logger, group.Group, partition, group.Queue);
    }

    /// <summary>Forgets the partitions of a group without remote members, because no member leaves them out any more.</summary>
    public void Forget(GroupName group)
    {
        lock (_failures)
        {
            foreach ((GroupName Group, int Partition) known in _failures.Keys.Where(known => known.Group == group).ToArray())
            {
                _failures.Remove(known);
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(EventId = 151, Level = LogLevel.Error,
        Message = "Group {Group} leaves out partition {Partition} of queue {Queue}, and tries it again every 10 s; its other partitions "
            + "continue: {Reason}")]
    private static partial void LogLeftOut(ILogger logger, string group, int partition, string queue, string reason);

    [LoggerMessage(EventId = 152, Level = LogLevel.Information,
        Message = "Group {Group} reads partition {Partition} of queue {Queue} again.")]
    private static partial void LogRead(ILogger logger, string group, int partition, string queue);
}
