using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Where the next segment's file comes from: the oldest segment, if retention gives it up, or a new file.</summary>
internal sealed class SegmentSource(EstreamQueue queue, QueueOptions options)
{
    private readonly QueueFiles _files = queue.Files;
    private readonly Retention _retention = new(queue, RetentionLimits.Of(options));
    private readonly OldestSegmentFlusher _oldest = new(queue);
    private volatile bool _isFirstNamed;

    /// <summary>
    /// The offset in a segment from which on the next one is prepared: early, since on a busy machine the other thread comes late, and not
    /// at once, since a queue with a few messages needs no second segment.
    /// </summary>
    public long PrepareAt { get; } = queue.SegmentBytes / 16;

    /// <summary>Waits for a preparation to end, however it does.</summary>
    /// <returns>Whether it was done. What failed is reported by whoever makes the segment anew.</returns>
    public static bool WaitQuietly(Task preparation)
    {
        try
        {
            // And not its handle: this runs what has not been begun on this thread where the scheduler allows that.
            preparation.Wait();
        }
        catch (AggregateException)
        {
        }

        return preparation.IsCompletedSuccessfully;
    }

    /// <summary>A file under the name of the spare, without a header. Whoever calls has the right to that name.</summary>
    /// <param name="isReused">Whether it holds what an earlier life left; else it is zero.</param>
    /// <exception cref="EstreamStorageException">There is none to be had: the disk is full.</exception>
    public MemoryRegion Get(out bool isReused)
    {
        queue.DirtyPages?.WaitForRoom();
        MakeFirstNameDurable();
        MemoryRegion? reused = TryReuse();
        isReused = reused is not null;
        return reused ?? MakeNew();
    }

    /// <summary>
    /// Called before a segment is made. A name that is lost in the middle of the log cuts it there; a first one would look like given up by
    /// retention, and its readers would begin in the middle. So no other comes before that one is durable. Names of later first ones are:
    /// retention sees to that.
    /// </summary>
    /// <exception cref="EstreamStorageException">The device did not take it: there may be no other segment yet.</exception>
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

        // What is known to be on the device was flushed with the names of that time.
        if (indexes[0] == 0 && queue.Record.Durable == 0)
        {
            queue.SyncNames();
        }

        _isFirstNamed = true;
    }

    private MemoryRegion MakeNew()
    {
        // One may be left of a segment that was prepared and then could not be published.
        _files.Storage.Delete(_files.SparePath);
        return _files.Storage.CreateRegion(_files.SparePath, _files.SegmentFileBytes);
    }

    private MemoryRegion? TryReuse()
    {
        MemoryRegion? reused = null;
        try
        {
            foreach (long index in _retention.Surplus())
            {
                _oldest.Secure(index + 1);
                if (queue.Segments.TryRetire(index) is not { } retired)
                {
                    break;
                }

                // A log that had to grow shrinks again: of several old segments the last is reused, the others are removed.
                reused?.Dispose();
                reused = retired;
            }

            if (reused is not null)
            {
                // Before anything is written into it: after a power cut the old name must not lead to new contents.
                queue.SyncNames();
            }
        }
        catch (EstreamException)
        {
            // A cursor or an old segment is damaged or cannot be opened: what cannot be given up safely is kept, and the log grows.
            // Whoever reads or verifies it hears of the damage; appending must not stop for it. What was taken out before may have lost its
            // name to the one that failed.
            reused?.Dispose();
            reused = null;
        }

        // Version 1 has no room for the index. And what is not in memory any more would have to be read to be written over.
        if (reused is not null && (reused.Length < _files.SegmentFileBytes || queue.DirtyPages is not null))
        {
            reused.Dispose();
            reused = null;
        }

        return reused;
    }
}
