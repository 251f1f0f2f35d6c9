using Estream.Core;

namespace Estream.Circuits.Operations.Replication;

/// <summary>What is found in the place of a replica is not what replication has made of its source. Nothing is changed.</summary>
public sealed class EstreamReplicationException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="path">The directory of the replica.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamReplicationException(string message, string? path, ReplicationFault fault, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Fault = fault;
    }

    /// <summary>What is wrong.</summary>
    public ReplicationFault Fault { get; }
}

/// <summary>What can be wrong with a replica.</summary>
public enum ReplicationFault
{
    /// <summary>It is none of this source: it was there before, or is one of another source.</summary>
    NotAReplica,

    /// <summary>It has less than it had: it was cut, emptied or brought back from an older copy. Or the source has given up what comes
    /// next.</summary>
    Truncated,

    /// <summary>It has what its source has not: somebody else wrote to it, or the source was brought back from an older copy.</summary>
    Diverged,
}
