using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The segments beyond the limits that readers have pinned, and since when. A reader that holds one for too long loses it: its name is
/// deleted, so that the log can shrink past it. The reader still sees the segment that it has mapped, and gets an error when it asks for
/// the next one. Thread-safe.
/// </summary>
internal sealed class SegmentHolds(EstreamQueue queue, TimeSpan longest)
{
    // A reader stands in one segment; so many readers are told apart.
    private const int MostSegments = 64;

    private readonly long _longestNanos = longest.Ticks > long.MaxValue / TimeSpan.NanosecondsPerTick
        ? long.MaxValue
        : longest.Ticks * TimeSpan.NanosecondsPerTick;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _since = [];
    private RetentionHold? _current;
    private long _evicted;

    /// <summary>The oldest segment that is held, and by whom; null if none is.</summary>
    public RetentionHold? Current => Volatile.Read(ref _current);

    /// <summary>How many segments readers have lost.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    /// <summary>Deletes the name of a segment that retention could not take, if it has been held for too long.</summary>
    /// <param name="index">The segment.</param>
    /// <param name="surplus">All segments that could be deleted, oldest first.</param>
    /// <returns>Whether retention can go on behind it.</returns>
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

    /// <summary>Call when retention was held up by nobody.</summary>
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

    // Also those behind it that are held: each reader's time begins when it is first in the way.
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
