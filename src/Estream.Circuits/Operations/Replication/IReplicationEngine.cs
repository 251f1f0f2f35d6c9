using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>
/// Brings queues and maps to another place, and keeps them up to date there: into directories of this machine
/// (<see cref="LocalReplicationEngine"/>), or over a network. Thread-safe.
/// </summary>
/// <remarks>
/// What every engine promises: messages of a replica are those of its source, each once, in their order, with their bytes; a replica of a
/// map has what its source had at one moment of its changes. Killed at any moment, the next one goes on where the last one was. What is
/// found in the place of a replica and is none is an error, and is not changed.
/// </remarks>
public interface IReplicationEngine
{
    /// <summary>Its name, for people.</summary>
    string Name { get; }

    /// <summary>Opens a replica of a queue, and begins one where there is none: with the oldest message that the source has.</summary>
    /// <param name="replica">What the replica is called.</param>
    /// <param name="source">The queue, open for writing, since it remembers how far the replica has come and keeps what that has not
    /// got.</param>
    /// <exception cref="ArgumentException">There can be no replica of this name, or of this queue.</exception>
    /// <exception cref="EstreamReplicationException">What is there is not what replication has made of this source.</exception>
    /// <exception cref="Core.EstreamException">Something is in use, damaged or not to be had.</exception>
    IReplica OpenQueue(string replica, EstreamQueue source);

    /// <summary>Opens a replica of a map, and begins one where there is none: with a snapshot.</summary>
    /// <param name="replica">What the replica is called.</param>
    /// <param name="source">The map. What is done with the replica is done on the thread that writes the map.</param>
    /// <param name="feed">The queue in which the map keeps its changes (<see cref="QueueChangeSink"/>), and no other map its own.</param>
    /// <inheritdoc cref="OpenQueue" path="/exception"/>
    IReplica OpenMap(string replica, OperationMap source, EstreamQueue feed);
}
