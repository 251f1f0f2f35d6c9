using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Brings the beginning of a segment to the device that is going to be the oldest: header and name. Else a power cut that takes what nobody
/// wanted durable could leave a log without any segment, and positions and numbers of messages that were durable would be given once more.
/// </summary>
internal sealed class OldestSegmentFlusher(EstreamQueue queue)
{
    private const long HeaderPage = 4096;

    private long _secured = -1;

    /// <summary>Call before the segments before this one are given up.</summary>
    /// <exception cref="EstreamException">The device did not take it, or the segment cannot be opened: nothing may be given up.</exception>
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
            // Reported here and not again: whoever wants messages of this segment durable has to hear of it.
            queue.FailDurability(failure);
            throw;
        }
        finally
        {
            queue.Segments.Release(segment);
        }
    }

    // Asked behind the flush: one that failed before, here or in another process, has had the kernel give pages up as written, and one that
    // succeeds then says nothing about them.
    private void RequireNoFailure()
    {
        if (queue.Record.FailedAt != 0)
        {
            throw new EstreamStorageException(
                $"A flush of queue '{queue.Directory}' has failed, so nobody knows what of it is on the device, and nothing is given up. "
                + "Close it in all processes and open it again.", queue.Directory, StorageFailure.Other);
        }
    }
}
