using Estream.Client;
using Estream.Core;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// The partitioned queues of a host. The host opens each partition as an ordinary queue with an exclusive appender. The objects of this
/// class serve only consumer groups. Thread-safe once open.
/// </summary>
internal sealed class PartitionedQueues : IDisposable
{
    private const string QueueFile = "queue.meta";

    private readonly HostConfiguration _plan;
    private readonly Quarantine _quarantine;
    private readonly PartTable<PartitionedQueue> _open = new();

    private PartitionedQueues(HostConfiguration plan, Quarantine quarantine) => (_plan, _quarantine) = (plan, quarantine);

    /// <summary>Opens the partitioned queues and followed copies, and creates those that do not exist. Opens no partition. A queue whose
    /// <c>partitions.meta</c> is damaged goes into quarantine.</summary>
    /// <exception cref="EstreamFormatException">A directory contains an ordinary queue, or another number of partitions.</exception>
    /// <exception cref="EstreamStorageException">A directory cannot be created or read.</exception>
    public static PartitionedQueues Open(HostConfiguration plan, Quarantine quarantine)
    {
        PartitionedQueues queues = new(plan, quarantine);
        foreach (string name in plan.Data.Partitioned.Keys)
        {
            quarantine.TryOpen("queue", name, () => queues.Add(name));
        }

        return queues;
    }

    /// <summary>Opens a partitioned queue of the configuration, or a followed copy, and creates it if it does not exist. Opens no
    /// partition. One thread at a time calls this method.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public void Add(string name)
    {
        int partitions = _plan.Data.Partitioned[name];
        Check(_plan.Data, name, partitions);
        _ = _plan.Queues.TryGetValue(PartitionName.Of(name, 0), out QueueOptions? options);
        PartitionedQueue queue = PartitionedQueue.Open(_plan.Data.Queue(name), partitions, options);
        if (options is null)
        {
            // Only replication opens the partitions of a copy.
            queue.Dispose();
            return;
        }

        _open.Add(name, queue);
    }

    /// <summary>Closes a partitioned queue that no group uses. Its partitions stay open.</summary>
    public void Remove(string name) => _open.Remove(name)?.Dispose();

    /// <summary>Checks that the directories of partitioned queues contain no other queues. Changes nothing.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static void Check(DataLayout data)
    {
        foreach ((string name, int partitions) in data.Partitioned)
        {
            Check(data, name, partitions);
        }
    }

    /// <summary>Checks that the directory of an ordinary queue contains no partitioned queue, and that the queue of a partition is not in
    /// quarantine.</summary>
    /// <exception cref="EstreamFormatException">The directory contains a partitioned queue.</exception>
    /// <exception cref="EstreamCorruptionException">The queue of the partition is in quarantine.</exception>
    public void Check(string name, string directory)
    {
        if (_plan.Data.PartitionOf(name) is { } partition && _quarantine.ReasonOf("queue", partition.Queue) is { } reason)
        {
            throw reason;
        }

        if (PartitionedQueue.IsPartitioned(directory))
        {
            throw new EstreamFormatException(
                $"'{directory}' contains a queue with {CountIn(directory)} partitions, but the setting Estream:Queues:{name}:Partitions is "
                + $"missing. Set it to {CountIn(directory)}, or choose another name for the queue.", directory);
        }
    }

    /// <summary>Finds a partitioned queue of the host; null if there is none, or if it is in quarantine. The host owns the queue.</summary>
    public PartitionedQueue? Find(string name) => _open.TryGetValue(name, out PartitionedQueue? queue) ? queue : null;

    public void Dispose()
    {
        foreach (PartitionedQueue queue in _open.Values)
        {
            queue.Dispose();
        }
    }

    private static void Check(DataLayout data, string name, int partitions)
    {
        string directory = data.Queue(name);
        if (PartitionedQueue.IsPartitioned(directory))
        {
            if (CountIn(directory) is var existing && existing != partitions)
            {
                throw new EstreamFormatException(
                    $"Queue '{directory}' has {existing} partitions, but the setting Partitions of queue {name} is {partitions}. "
                    + $"The number is fixed when the queue is created. Set it to {existing}, or choose another name for a new "
                    + "queue.", directory);
            }
        }
        else if (File.Exists(Path.Combine(directory, QueueFile)))
        {
            throw new EstreamFormatException(
                $"'{directory}' contains an ordinary queue, but the setting Partitions of queue {name} is {partitions}. Remove the "
                + "setting, or choose another name for a new queue.", directory);
        }
    }

    private static int CountIn(string directory)
    {
        using PartitionedQueue queue = PartitionedQueue.OpenReadOnly(directory);
        return queue.PartitionCount;
    }
}
