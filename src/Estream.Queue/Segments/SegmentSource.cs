using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Provides the file of the next segment: the oldest segment, if retention releases it, or a new file.</summary>
internal sealed class SegmentSource(EstreamQueue queue)
{
    private readonly QueueFiles _files = queue.Files;
    private readonly Retention _retention = new(queue);
    private readonly OldestSegmentFlusher _oldest = new(queue);
    private volatile bool _isFirstNamed;

    /// <summary>
    /// The offset in a segment at which the next one is prepared. It is early, because the other thread may start late on a busy machine,
    /// but not 0, because a queue with few messages needs no second segment.
    /// </summary>
    public static long PrepareAt(Segment segment) => segment.Memory.Length / 16;

    /// <summary>Waits for a preparation to end, successful or not.</summary>
    /// <returns>Whether it succeeded. The caller that creates the segment again reports an error.</returns>
    public static bool WaitQuietly(Task preparation)
    {
        try
        {
            // Uses Wait, not the wait handle: if the scheduler allows it, Wait runs a task that has not started yet on this thread.
            preparation.Wait();
        }
        catch (AggregateException)
        {
        }

        return preparation.IsCompletedSuccessfully;
    }

    /// <summary>Returns a file that has the name of the spare and no header. Only one caller at a time may use that name.</summary>
    /// <param name="index">The segment that the file is for.</param>
    /// <param name="isReused">Whether the file holds old content; otherwise it is zero.</param>
    /// <exception cref="EstreamStorageException">No file could be created: the disk is full.</exception>
    public MemoryRegion Get(long index, out bool isReused)
    {
        queue.DirtyPages?.WaitForRoom();
        MakeFirstNameDurable();
        long bytes = _files.FileBytesOf(index);
        MemoryRegion? reused = TryReuse(bytes);
        isReused = reused is not null;
        return reused ?? MakeNew(bytes);
    }

    /// <summary>
    /// Called before a segment is created. The loss of a directory entry in the middle of the log truncates the log there. The loss of the
    /// first entry would look like a deletion by retention, and readers would start in the middle. So the first entry must be durable
    /// before there is a second segment. Retention makes the entries of later first segments durable.
    /// </summary>
    /// <exception cref="EstreamStorageException">The flush failed: no further segment may exist yet.</exception>
    public void MakeFirstNameDurable()
    {
        if (_isFirstNamed)
        {
            return;
        }

        IReadOnlyList<long> indexes = _files.ListSegments();
        if (indexes.Count == 0)
        {
            return;
        }

        // A durable position above 0 means that the flush which raised it also flushed the directory entries.
        if (indexes[0] == 0 && queue.Record.Durable == 0)
        {
            queue.SyncNames();
        }

        _isFirstNamed = true;
    }

    private MemoryRegion MakeNew(long bytes)
    {
        // A process may have left a prepared segment that could not be published.
        _files.Storage.Delete(_files.SparePath);
        return _files.Storage.CreateRegion(_files.SparePath, bytes);
    }

    private MemoryRegion? TryReuse(long bytes)
    {
        MemoryRegion? reused = null;
        try
        {
            IReadOnlyList<long> surplus = _retention.Surplus();
            bool isHeld = false;
            foreach (long index in surplus)
            {
                _oldest.Secure(index + 1);
                if (queue.Segments.TryRetire(index) is not { } retired)
                {
                    if (queue.Holds.TryEvict(index, surplus))
                    {
                        continue;
                    }

                    isHeld = true;
                    break;
                }

                // A log that had to grow shrinks again: of several old segments the last is reused, the others are deleted.
                reused?.Dispose();
                reused = retired;
            }

            if (!isHeld)
            {
                queue.Holds.Clear();
            }

            if (reused is not null)
            {
                // The rename is durable before new contents are written: after a power cut the old name must not lead to new contents.
                queue.SyncNames();
            }
        }
        catch (EstreamException)
        {
            // A cursor or an old segment is damaged or cannot be opened: segments that may be needed are kept, and the log grows. The
            // process that reads or verifies them reports the damage; appending must continue. A segment retired earlier in the loop may
            // have lost its name to the segment that failed.
            reused?.Dispose();
            reused = null;
        }

        // A file of version 1 has no space for the index, and the first segments are small. With DirtyPages, old pages are not in memory:
        // the kernel would have to read them before they are overwritten.
        if (reused is not null && (reused.Length < bytes || queue.DirtyPages is not null))
        {
            reused.Dispose();
            reused = null;
        }

        return reused;
    }
}
