using Estream.Circuits.Operations.Replication;
using Estream.Queue;

namespace Estream.Replication;

/// <summary>The states of a replicated queue.</summary>
public enum ReplicationState
{
    /// <summary>No broker is reachable. Messages collect in the log of the source.</summary>
    Disconnected,

    /// <summary>Connected, and reading what the stream has.</summary>
    CatchingUp,

    /// <summary>Messages are replicated. The publisher also reports this state while the log has no message to send. The follower also
    /// reports it after a second without an entry.</summary>
    Running,

    /// <summary>Another process has taken over the queue.</summary>
    Fenced,

    /// <summary>Replication stopped because of an error that a retry does not mend.</summary>
    Failed,
}

/// <summary>The progress of a replicated queue on this machine.</summary>
/// <param name="Queue">The name of the queue in the cluster.</param>
/// <param name="State">The state.</param>
/// <param name="Epoch">The current epoch of the stream; 0 if none is known.</param>
/// <param name="Position">The position up to which a majority of the brokers has the log, as far as this process has read.</param>
public sealed record ReplicationStatus(string Queue, ReplicationState State, long Epoch, long Position)
{
    /// <summary>On the publishing side: messages of the log that are not confirmed. Null if unknown.</summary>
    public long? LagMessages { get; init; }

    /// <summary>On the publishing side: bytes of the log that are not confirmed.</summary>
    public long LagBytes { get; init; }

    /// <summary>On the publishing side, how long the oldest unconfirmed message has waited; on the following side, the age of the newest
    /// applied message.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Messages confirmed or applied since the start.</summary>
    public long Messages { get; init; }

    /// <summary>Connections opened since the start.</summary>
    public long Connections { get; init; }

    /// <summary>Entries of the stream since the start that no reader can use, because they are forged, damaged, of another queue, or
    /// encrypted with an unknown key. They are skipped.</summary>
    public long UnreadableEntries { get; init; }

    /// <summary>Why the queue is not replicated now; null if it is.</summary>
    public string? Failure { get; init; }

    /// <summary>The fault that ended replication; null while replication runs, and after a storage error.</summary>
    public ReplicationFault? Fault { get; init; }

    /// <summary>Of a copy with the fault <see cref="ReplicationFault.Diverged"/>: whether messages that the stream lacks were flushed to
    /// the disk of this machine. They may have been acknowledged with <see cref="Durability.QuorumAndFlush"/>, and then been lost by all
    /// brokers in a power cut.</summary>
    public bool MayHoldAcknowledged { get; init; }
}
