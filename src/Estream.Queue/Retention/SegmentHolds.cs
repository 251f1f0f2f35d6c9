using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Records which segments beyond the limits readers have pinned, and since when. A reader that holds a segment for too long loses it: the
/// name of the segment is deleted, so that the log can shrink. The reader still sees the segment that it has mapped, and gets an error for
/// the next one. Thread-safe.
/// </summary>
internal sealed class SegmentHolds(EstreamQueue queue, TimeSpan longest)
{
    // A reader is in one segment, so this limits the number of readers that are distinguished.
    private const int MostSegments = 64;

    private readonly long _longestNanos = longest.Ticks > long.MaxValue / TimeSpan.NanosecondsPerTick
        ? long.MaxValue
        : longest.Ticks * TimeSpan.NanosecondsPerTick;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _since = [];
    private RetentionHold? _current;
    private long _evicted;

    /// <summary>The oldest segment that is held, and its holders; null if none is held.</summary>
    public RetentionHold? Current => Volatile.Read(ref _current);

    /// <summary>The number of segments that readers have lost.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    /// <summary>Deletes the name of a segment that retention could not take, if it has been held for too long.</summary>
    /// <param name="index">The segment.</param>
    /// <param name="surplus">All segments that could be deleted, oldest first.</param>
    /// <returns>Whether retention can continue after the segment.</returns>
    public bool TryEvict(long index, IReadOnlyList<long> surplus)
    {
        lock (_lock)
        {
            long now = queue.Clock.MonotonicNanos;
            Note(index, surplus, now);
            if (_longestNanos == 0 || now - _since[index] < _longestNanos)
            {
                return false;
            }

            queue.Segments.Evict(index, queue.SyncNames);
            _since.Remove(index);
            Volatile.Write(ref _evicted, _evicted + 1);
            return true;
        }
    }

    /// <summary>Forgets all holds. Call it when no reader has delayed retention.</summary>
    public void Clear()
    {
        if (Volatile.Read(ref _current) is null)
        {
            return;
        }

        lock (_lock)
        {
            _since.Clear();
            Volatile.Write(ref _current, null);
        }
    }

    // Also records later segments that are held: the time of each reader begins when its segment could first be deleted.
    private void Note(long index, IReadOnlyList<long> surplus, long now)
    {
        foreach (long gone in _since.Keys.Where(held => !surplus.Contains(held)).ToArray())
        {
            _since.Remove(gone);
        }

        foreach (long held in surplus.Where(held => held >= index && !_since.ContainsKey(held)).Take(MostSegments))
        {
            if (held == index || queue.Segments.IsInUse(held))
            {
                _since.Add(held, now);
            }
        }

        long first = (index * queue.SegmentBytes) + SegmentLayout.HeaderBytes;
        if (_current?.FirstPosition == first)
        {
            return;
        }

        string path = queue.Files.SegmentPath(index);
        LockHolders holders = queue.Files.Storage.FindLockHolders([path]);
        Volatile.Write(ref _current, new RetentionHold(
            first,
            [.. holders.Holders.Select(holder => holder.ProcessName.Length > 0
                ? $"{holder.ProcessName} (process {holder.ProcessId})"
                : $"process {holder.ProcessId}")]));
    }
}
