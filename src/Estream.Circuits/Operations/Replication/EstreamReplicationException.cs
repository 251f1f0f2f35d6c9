using Estream.Core;

namespace Estream.Circuits.Operations.Replication;

/// <summary>Thrown when the target of a replication does not contain the data that was replicated from its source. Nothing was
/// changed.</summary>
public sealed class EstreamReplicationException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="path">The directory of the replica.</param>
    /// <param name="fault">The kind of fault.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamReplicationException(string message, string? path, ReplicationFault fault, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Fault = fault;
    }

    /// <summary>The kind of fault.</summary>
    public ReplicationFault Fault { get; }
}

/// <summary>The faults of a replica.</summary>
public enum ReplicationFault
{
    /// <summary>The target is not a replica of this source: it existed before, or is a replica of another source.</summary>
    NotAReplica,

    /// <summary>The replica has less content than before: it was truncated, emptied or restored from an older copy. Also used if the source
    /// no longer has the next message or change.</summary>
    Truncated,

    /// <summary>The replica has content that its source does not have: another program wrote to it, or the source was restored from an
    /// older copy.</summary>
    Diverged,

    /// <summary>The stream of a replica lacks messages, for example because its retention deleted them.</summary>
    Gap,

    /// <summary>An entry of the stream is damaged, of another cluster or queue, or encrypted with another key.</summary>
    Refused,

    /// <summary>Another process has taken over the queue. This process must not append any more.</summary>
    Fenced,
}
