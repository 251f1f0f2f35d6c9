using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>
/// Replicates queues and maps to another location and keeps the replicas up to date: into directories of this machine
/// (<see cref="LocalReplicationEngine"/>), or over a network. Thread-safe.
/// </summary>
/// <remarks>
/// Every engine guarantees: a replica has the messages of its source, each exactly once, in order and byte for byte; a replica of a map has
/// the content that its source had after some change. After a crash at any moment, replication resumes where it stopped. A target that is
/// not a replica of the source is an error and is not changed.
/// </remarks>
public interface IReplicationEngine
{
    /// <summary>The display name.</summary>
    string Name { get; }

    /// <summary>Opens a replica of a queue. A new replica starts with the oldest message of the source.</summary>
    /// <param name="replica">The name of the replica.</param>
    /// <param name="source">The queue, open for writing, because it stores the position of the replica and retains the messages that the
    /// replica does not have yet.</param>
    /// <exception cref="ArgumentException">The name is invalid, or the queue cannot be replicated.</exception>
    /// <exception cref="EstreamReplicationException">The target does not contain the data that was replicated from this source.</exception>
    /// <exception cref="Core.EstreamException">A resource is in use, damaged or unavailable.</exception>
    IReplica OpenQueue(string replica, EstreamQueue source);

    /// <summary>Opens a replica of a map. A new replica starts with a snapshot.</summary>
    /// <param name="replica">The name of the replica.</param>
    /// <param name="source">The map. Use the replica only on the thread that writes the map.</param>
    /// <param name="feed">The queue with the change feed of this map (<see cref="QueueChangeSink"/>) and of no other map.</param>
    /// <inheritdoc cref="OpenQueue" path="/exception"/>
    IReplica OpenMap(string replica, OperationMap source, EstreamQueue feed);
}
