using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// A pin on one segment that moves forward: the next segment is pinned before the last one is released. Retention deletes the oldest
/// segment first, so it cannot overtake a scan of the whole log.
/// </summary>
internal sealed class SegmentPin(EstreamQueue queue) : IDisposable
{
    private const int Attempts = 100;

    private Segment? _segment;

    public Segment Segment => _segment ?? throw new InvalidOperationException("No segment is pinned.");

    /// <summary>Pins the oldest segment.</summary>
    /// <returns>The indexes of all segments; empty for an empty queue.</returns>
    public IReadOnlyList<long> OnOldest()
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            IReadOnlyList<long> indexes = queue.ListSegments();
            if (indexes.Count == 0 || (_segment = queue.Segments.Acquire(indexes[0])) is not null)
            {
                return indexes;
            }
        }

        throw new EstreamStorageException(
            $"The oldest segment of queue '{queue.Directory}' was reused by its writer during each of {Attempts} attempts to open it. Try "
            + "again, or raise RetainedBytes.",
            queue.Directory, StorageFailure.Other);
    }

    public void MoveTo(long index)
    {
        if (_segment?.Index == index)
        {
            return;
        }

        Segment next = queue.Segments.Acquire(index)
            ?? throw new EstreamStorageException(
                $"'{queue.Files.SegmentPath(index)}' vanished while the queue was inspected. Do not remove segments by hand; use "
                + "RetainedBytes.",
                queue.Files.SegmentPath(index), StorageFailure.NotFound);
        Dispose();
        _segment = next;
    }

    public void Dispose()
    {
        if (_segment is not null)
        {
            queue.Segments.Release(_segment);
            _segment = null;
        }
    }
}
