using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Internal;

/// <summary>
/// Keeps a queue from reclaiming any message: a named tailer that stays at the first message and never reads. Retention waits for it in
/// every process, whatever limits the process opens the queue with.
/// </summary>
internal static class RetentionPin
{
    /// <exception cref="EstreamStorageException">The queue has already reclaimed messages.</exception>
    public static void KeepAll(EstreamQueue queue, string name)
    {
        QueueInfo info = queue.GetInfo();
        if (info.FirstSequence > 0)
        {
            throw new EstreamStorageException(
                $"The queue '{queue.Directory}' has reclaimed its first {info.FirstSequence} messages, but all of them are required here. "
                + "Restore them from a copy, or start with a new queue.",
                queue.Directory, StorageFailure.NotFound);
        }

        if (info.Tailers.All(tailer => tailer.Name != name))
        {
            queue.CreateTailer(name).Dispose();
        }
    }
}
