using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Where a log ends, when the machine may have stopped since it was last known to be on its device: goes over the segments from there on,
/// each checked by <see cref="SegmentScanner"/>, as long as each begins with the number at which the one before it ends.
/// </summary>
/// <remarks>
/// Only looks. What is found out about a segment is handed out while the segment is held, and not before the end is known. Where a batch
/// that consumes another queue follows on what a dead writer had claimed, and pages may be lost, the log ends at the first such claim: it
/// may be all that is left of a batch without which the later one must not be there.
/// </remarks>
internal sealed class LogScanner : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly List<long> _lost = [];
    private readonly List<long> _leftOver = [];
    private readonly List<(long Index, SegmentScanner Found, LogEnd End)> _passed = [];
    private Segment? _segment;

    private LogScanner(EstreamQueue queue)
    {
        _queue = queue;
    }

    /// <summary>From which position on messages were checked.</summary>
    public long VerifiedFrom { get; private set; }

    /// <summary>The last segment of the log, in use by this object; <see langword="null"/> for a log without any.</summary>
    public Segment? Last => _segment;

    /// <summary>The end of the last segment.</summary>
    public LogEnd End { get; private set; }

    /// <summary>Whether nothing is behind the end, in its segment.</summary>
    public bool IsRestZero { get; private set; } = true;

    /// <summary>Segments that do not belong to the log: what they follow on is not there.</summary>
    public IReadOnlyList<long> Lost => _lost;

    /// <summary>Oldest segments that retention had given up, and whose names have come back.</summary>
    public IReadOnlyList<long> LeftOver => _leftOver;

    /// <summary>The position behind the last message.</summary>
    public long EndPosition => _segment is null ? SegmentLayout.HeaderBytes : (_segment.Index * _queue.SegmentBytes) + End.Offset;

    /// <summary>Goes over the log.</summary>
    /// <param name="queue">Nobody appends to it.</param>
    /// <param name="durable">Up to where it is on the device.</param>
    /// <param name="mayLackPages">Whether the machine has stopped since; else a claim is that of somebody who was killed, and everybody has
    /// seen what is behind it.</param>
    /// <param name="visit">Hears of each segment that belongs to the log.</param>
    public static LogScanner Of(EstreamQueue queue, long durable, bool mayLackPages, AuditVisitor visit)
    {
        LogScanner audit = Scan(queue, durable, DeadPlaces.Pass);
        try
        {
            if (mayLackPages && audit._passed.Exists(segment => segment.Found.HidesConsumed))
            {
                audit.Dispose();
                audit = Scan(queue, durable, DeadPlaces.End);
            }

            audit.Visit(visit);
            return audit;
        }
        catch
        {
            audit.Dispose();
            throw;
        }
    }

    private static LogScanner Scan(EstreamQueue queue, long durable, DeadPlaces places)
    {
        var audit = new LogScanner(queue);
        try
        {
            audit.Run(durable, places);
            return audit;
        }
        catch
        {
            audit.Dispose();
            throw;
        }
    }

    private void Visit(AuditVisitor visit)
    {
        foreach ((long index, SegmentScanner found, LogEnd end) in _passed)
        {
            if (_queue.Segments.Acquire(index) is { } segment)
            {
                try
                {
                    visit(segment, found, end);
                }
                finally
                {
                    _queue.Segments.Release(segment);
                }
            }
        }
    }

    /// <returns>The segment, or <see langword="null"/> when what is there is none: its header did not reach the device, or is of another
    /// life.</returns>
    public static Segment? TryAcquire(EstreamQueue queue, long index)
    {
        try
        {
            return queue.Segments.Acquire(index);
        }
        catch (EstreamException broken) when (broken is EstreamCorruptionException or EstreamFormatException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Release(_segment);
        _segment = null;
    }

    private void Run(long durable, DeadPlaces places)
    {
        IReadOnlyList<long> indexes = _queue.Files.ListSegments();
        int first = Enter(indexes, durable);
        VerifiedFrom = _segment is null
            ? SegmentLayout.HeaderBytes
            : Math.Max(durable, (_segment.Index * _queue.SegmentBytes) + SegmentLayout.HeaderBytes);
        for (int i = first; _segment is not null; i++)
        {
            SegmentScanner found = SegmentScanner.Of(_segment, durable - (_segment.Index * _queue.SegmentBytes), places);
            places = places == DeadPlaces.Pass && found.Dead.Count > 0 ? DeadPlaces.PassedBefore : places;
            (End, IsRestZero) = (found.End, found.IsRestZero);
            Segment? next = i + 1 < indexes.Count && indexes[i + 1] == _segment.Index + 1 ? TryAcquire(_queue, indexes[i + 1]) : null;
            bool goesOn = SettleEnd(_segment, next);
            _passed.Add((_segment.Index, found, End));
            if (!goesOn)
            {
                _lost.AddRange(indexes.Skip(i + 1));
                Release(next);
                return;
            }

            Release(_segment);
            _segment = next;
        }
    }

    // The segment with the durable position, or the oldest one if retention has come past that. Without it nothing that follows counts.
    private int Enter(IReadOnlyList<long> indexes, long durable)
    {
        _leftOver.AddRange(indexes.TakeWhile(IsRetired));
        int start = Math.Max(_leftOver.Count, indexes.Count(index => index <= durable / _queue.SegmentBytes) - 1);
        if (start == indexes.Count)
        {
            return start;
        }

        // What is before a gap, or before one that was given up, was given up as well: the oldest goes first, and names may come back one
        // by one.
        int kept = start;
        while (kept > _leftOver.Count && indexes[kept - 1] == indexes[kept] - 1 && !IsRetired(indexes[kept - 1]))
        {
            kept--;
        }

        _leftOver.AddRange(indexes.Skip(_leftOver.Count).Take(kept - _leftOver.Count).ToList());

        bool isOnDevice = durable > 0 && indexes[start] <= durable / _queue.SegmentBytes;
        _segment = isOnDevice ? _queue.Segments.Acquire(indexes[start]) : TryAcquire(_queue, indexes[start]);
        if (_segment is null)
        {
            _lost.AddRange(indexes.Skip(start));
        }

        return start;
    }

    /// <returns>Whether the log goes on in the next segment: nothing is missing in between.</returns>
    private bool SettleEnd(Segment segment, Segment? next)
    {
        long seal = segment.IsShared ? segment.Memory.ReadInt64(SegmentLayout.SealOffset) : 0;
        if (!End.IsSealed && seal != 0 && TailWord.Offset(seal) == End.Offset && TailWord.Number(seal) >= End.Number)
        {
            // The end-of-segment frame is lost, but the header still says that the segment ends here.
            End = End with { Number = TailWord.Number(seal), IsSealed = true };
        }

        bool goesOn = next is not null && next.FirstSequence == segment.FirstSequence + End.Number && (End.IsSealed || !segment.IsShared);
        if (goesOn)
        {
            // The frame of one writer may be lost as well: numbers without gaps say that it belongs here.
            End = End with { IsSealed = true };
        }

        return goesOn;
    }

    // Retention takes the name away, then the magic, and touches nothing else before the name is gone for good; a crash has brought it
    // back. A header that never reached the device is zero as a whole.
    private bool IsRetired(long index)
    {
        try
        {
            using MemoryRegion region = _queue.Files.Storage.OpenRegion(_queue.Files.SegmentPath(index), RegionAccess.ReadOnly);
            RegionSpan memory = region.All;
            return memory.Length >= SegmentLayout.HeaderBytes && memory.ReadInt64(SegmentLayout.MagicOffset) == 0
                && Segment.IsHeaderChecked(memory) && memory.ReadInt64(SegmentLayout.IndexOffset) == index;
        }
        catch (EstreamCorruptionException)
        {
            return false;
        }
    }

    private void Release(Segment? segment)
    {
        if (segment is not null)
        {
            _queue.Segments.Release(segment);
        }
    }
}

/// <summary>Hears of a segment of the log while it is held.</summary>
/// <param name="segment">The segment.</param>
/// <param name="found">What is in it.</param>
/// <param name="end">Where it ends: sealed also if only the frame that says so is lost.</param>
internal delegate void AuditVisitor(Segment segment, SegmentScanner found, LogEnd end);
