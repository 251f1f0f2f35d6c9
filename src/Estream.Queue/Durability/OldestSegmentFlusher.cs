using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Flushes the header and directory entry of the segment about to become the oldest. Otherwise a power cut that loses non-durable messages
/// could leave a log without segments, and positions and sequence numbers of durable messages would be assigned again.
/// </summary>
internal sealed class OldestSegmentFlusher(EstreamQueue queue)
{
    private const long HeaderPage = 4096;

    private long _secured = -1;

    /// <summary>Secures a segment. Call this before the segments before it are deleted.</summary>
    /// <exception cref="EstreamException">The flush failed, or the segment cannot be opened: no segment may be deleted.</exception>
    public void Secure(long index)
    {
        if (index <= _secured || queue.Segments.Acquire(index) is not { } segment)
        {
            return;
        }

        try
        {
            segment.Region.Flush(0, HeaderPage);
            queue.Files.Storage.SyncDirectory(queue.Directory);
            RequireNoFailure();
            _secured = index;
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.Device)
        {
            // The kernel reports the error only once. The callers that wait for messages of this segment must learn of it too.
            queue.FailDurability(failure);
            throw;
        }
        finally
        {
            queue.Segments.Release(segment);
        }
    }

    // Called after the flush. If an earlier flush failed, in any process, the kernel has marked the pages clean, and a later successful
    // flush proves nothing about them.
    private void RequireNoFailure()
    {
        if (queue.Record.FailedAt != 0)
        {
            throw new EstreamStorageException(
                $"A flush of queue '{queue.Directory}' has failed, so it is unknown which messages are durable, and retention deletes "
                + "nothing. Dispose the queue in all processes and open it again.", queue.Directory, StorageFailure.Other);
        }
    }
}
