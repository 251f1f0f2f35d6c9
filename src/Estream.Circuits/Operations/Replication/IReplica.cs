namespace Estream.Circuits.Operations.Replication;

/// <summary>A replica that is brought further step by step. One thread at a time; that of a map is the thread that writes the
/// map.</summary>
public interface IReplica : IDisposable
{
    /// <summary>Brings it further.</summary>
    /// <param name="most">The most messages to take over, or changes of a map; 0 says only how far it is. The beginning of a map, its
    /// snapshot, is taken as a whole.</param>
    /// <returns>What was done, and what is left. Where the disk is full behind some of it, that is what was done: the next call, which can
    /// do nothing, says so by its exception.</returns>
    /// <exception cref="EstreamReplicationException">The replica is not what replication has made of its source any more.</exception>
    /// <exception cref="Core.EstreamException">Storage refused, or is damaged. What was done before stays done; the same call goes on from
    /// there.</exception>
    ReplicationProgress Advance(long most);
}
