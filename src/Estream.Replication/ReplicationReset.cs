using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>Makes a host forget how far a queue was replicated, after the stream of the queue and its log no longer match. The queue must
/// not be in use. Thread-safe.</summary>
public static class ReplicationReset
{
    /// <summary>
    /// Forgets the stream of a queue. A follower then reads the stream from its oldest entry. A publisher sends its whole log again, in a
    /// new epoch, whatever the stream has: this log wins. Connects to no broker.
    /// </summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <exception cref="EstreamLeaseException">The queue is open for writing. Stop its host.</exception>
    /// <exception cref="EstreamException">There is no queue, or it cannot be written.</exception>
    /// <remarks>Messages that only the stream or another host has are lost: the copies of other hosts begin again with the log of this
    /// host.</remarks>
    public static ReplicaReport Reset(string directory)
    {
        ReplicaReport before = ReplicaInspector.Read(directory);
        using EstreamQueue queue = EstreamQueue.Open(directory, new QueueOptions());
        using WriterLease lease = WriterLease.Take(queue.Files, AppenderMode.Exclusive, new QueueOptions());

        // A publisher needs no lease. It holds the reader that keeps what is not confirmed.
        foreach (string reader in queue.GetInfo().Tailers.Select(tailer => tailer.Name)
            .Where(name => name.StartsWith(QueuePublisher.ReaderPrefix, StringComparison.Ordinal)))
        {
            queue.CreateTailer(reader).Dispose();
        }

        using ProgressFile progress = ProgressFile.Open(queue.Files.Storage, queue.Directory, queue.Id);
        StreamState state = new();
        progress.Restore(state);
        state.Resume(StreamPoint.None);
        progress.Store(state);
        progress.MayRestart = true;
        return before;
    }
}
