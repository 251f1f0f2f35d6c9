using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Finds the end of a log after a possible crash of the machine. Scans the segments from the durable position on with <see
/// cref="SegmentScanner"/>, as long as each segment starts with the number at which the previous one ends.
/// </summary>
/// <remarks>
/// Read-only. Passes its findings about a segment to the visitor while the segment is pinned, before the end of the log is known. If a
/// batch with a consumer offset follows a claim of a dead writer, and pages may be lost, the log ends at the first such claim. The claim
/// may be the remains of an earlier batch, without which the later batch must not exist.
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

    /// <summary>The position from which messages were checked.</summary>
    public long VerifiedFrom { get; private set; }

    /// <summary>The last segment of the log, acquired by this object; <see langword="null"/> for an empty log.</summary>
    public Segment? Last => _segment;

    /// <summary>The end of the last segment.</summary>
    public LogEnd End { get; private set; }

    /// <summary>Whether only zeros follow the end within its segment.</summary>
    public bool IsRestZero { get; private set; } = true;

    /// <summary>Segments that do not belong to the log, because the segment before them is missing.</summary>
    public IReadOnlyList<long> Lost => _lost;

    /// <summary>Oldest segments that retention had deleted, and whose names a crash restored.</summary>
    public IReadOnlyList<long> LeftOver => _leftOver;

    /// <summary>The position after the last message.</summary>
    public long EndPosition => _segment is null ? SegmentLayout.HeaderBytes : (_segment.Index * _queue.SegmentBytes) + End.Offset;

    /// <summary>Scans the log.</summary>
    /// <param name="queue">A queue without appenders.</param>
    /// <param name="durable">The durable position.</param>
    /// <param name="mayLackPages">Whether the machine has crashed since. Otherwise a claim belongs to a crashed writer, and readers have
    /// seen what follows it.</param>
    /// <param name="visit">Called for each segment of the log.</param>
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

    /// <returns>The segment, or <see langword="null"/> if the file is not a segment of this log: its header is not durable, or is an
    /// earlier one.</returns>
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

    // Enters the segment of the durable position, or the oldest segment if retention has deleted that one. If that segment is missing or
    // invalid, it and all later segments are lost.
    private int Enter(IReadOnlyList<long> indexes, long durable)
    {
        _leftOver.AddRange(indexes.TakeWhile(IsRetired));
        int start = Math.Max(_leftOver.Count, indexes.Count(index => index <= durable / _queue.SegmentBytes) - 1);
        if (start == indexes.Count)
        {
            return start;
        }

        // Retention deletes the oldest first, and a crash may restore names one by one: everything before a gap or before a deleted segment
        // was deleted too.
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

    /// <returns>Whether the log continues in the next segment without a gap.</returns>
    private bool SettleEnd(Segment segment, Segment? next)
    {
        long seal = segment.IsShared ? segment.Memory.ReadInt64(SegmentLayout.SealOffset) : 0;
        if (!End.IsSealed && seal != 0 && TailWord.Offset(seal) == End.Offset && TailWord.Number(seal) >= End.Number)
        {
            // The end-of-segment frame is lost, but the header still records the end of the segment.
            End = End with { Number = TailWord.Number(seal), IsSealed = true };
        }

        bool goesOn = next is not null && next.FirstSequence == segment.FirstSequence + End.Number && (End.IsSealed || !segment.IsShared);
        if (goesOn)
        {
            // The end-of-segment frame of an exclusive writer may be lost too. Consecutive numbers prove that the next segment follows
            // this one.
            End = End with { IsSealed = true };
        }

        return goesOn;
    }

    // Retention deletes the name, then the magic, and touches nothing else until the name is durably deleted; a crash has restored the
    // name. A header that was never durable is all zeros.
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

/// <summary>Called for a segment of the log while it is pinned.</summary>
/// <param name="segment">The segment.</param>
/// <param name="found">The scan result.</param>
/// <param name="end">The end of the segment; sealed also if only the end-of-segment frame is lost.</param>
internal delegate void AuditVisitor(Segment segment, SegmentScanner found, LogEnd end);
