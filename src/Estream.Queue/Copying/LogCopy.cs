using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The writer of a copy: a queue with the id of its source whose segments are equal to those of the source, frame by frame, so that
/// positions, sequence numbers and times are equal. Holds the exclusive writer lease. Not thread-safe.
/// </summary>
/// <remarks>Readers see a run of frames at once. A crash at any moment leaves the runs before it.</remarks>
internal sealed class LogCopy : IDisposable
{
    private const int ClearStep = 64 << 10;
    private const int ClearAtLeast = 1 << 20;

    private readonly WriterLease _lease;
    private readonly SegmentSource _source;
    private readonly IDisposable _spareLock;
    private Segment? _segment;
    private SegmentHeader _header;
    private LogEnd _end;

    private LogCopy(EstreamQueue queue, WriterLease lease)
    {
        Queue = queue;
        _lease = lease;
        _source = new SegmentSource(queue);
        _spareLock = CreationLock.Take(queue.Files.Storage, queue.Files.Directory, SegmentLayout.SpareLockName);
        try
        {
            queue.Files.Storage.Delete(queue.Files.SparePath);
            SharedSupply.Discard(queue.Files);
            EnterLast();
            queue.Keeper.Enter();
        }
        catch
        {
            Leave();
            _spareLock.Dispose();
            throw;
        }
    }

    /// <summary>The queue.</summary>
    public EstreamQueue Queue { get; }

    /// <summary>Whether the copy has no segment yet: its first run decides where it starts.</summary>
    public bool IsEmpty => _segment is null;

    /// <summary>The position of the next frame; 0 while the copy is empty.</summary>
    public long Position => _segment is null ? 0
        : _end.IsSealed ? ((_segment.Index + 1) * Queue.SegmentBytes) + SegmentLayout.HeaderBytes
        : (_segment.Index * Queue.SegmentBytes) + _end.Offset;

    /// <summary>The sequence number of the next message.</summary>
    public long NextSequence => _segment is null ? 0 : _segment.FirstSequence + _end.Number;

    /// <summary>The index of the oldest segment; 0 if there is none.</summary>
    public long OldestIndex => Queue.OldestPosition() / Queue.SegmentBytes;

    /// <summary>Whether an empty copy can start at a position: the first frame of a segment.</summary>
    public bool IsStart(long position) => position % Queue.SegmentBytes == SegmentLayout.HeaderBytes;

    /// <summary>Opens a copy, and creates it if it does not exist.</summary>
    /// <param name="directory">The directory of the copy.</param>
    /// <param name="sourceId">The id of the source queue.</param>
    /// <param name="options">Options of the queue. Keys are not needed.</param>
    /// <param name="hasSmallStart">Whether the source begins with small segments. Used when the copy is created.</param>
    /// <exception cref="EstreamFormatException">The directory contains another queue.</exception>
    /// <exception cref="EstreamLeaseException">The copy has appenders, or is open in another process.</exception>
    public static LogCopy Open(string directory, long sourceId, QueueOptions options, bool hasSmallStart = false)
    {
        EstreamQueue queue = EstreamQueue.OpenCopy(directory, sourceId, options, hasSmallStart);
        WriterLease? lease = null;
        try
        {
            lease = WriterLease.Take(queue.Files, AppenderMode.Exclusive, options);
            ForgetOutputs(queue);
            return new LogCopy(queue, lease);
        }
        catch
        {
            lease?.Dispose();
            queue.Dispose();
            throw;
        }
    }

    /// <summary>Appends a run of frames, exactly at <see cref="Position"/>.</summary>
    /// <param name="header">The fields of the segment that the frames belong to.</param>
    /// <param name="position">The position of the first frame.</param>
    /// <param name="frames">The frames.</param>
    /// <returns>What the frames contain.</returns>
    /// <exception cref="EstreamCorruptionException">The frames violate the format, or belong to another log. Nothing was
    /// appended.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be created (disk full). Nothing was appended.</exception>
    public FrameRun Append(in SegmentHeader header, long position, ReadOnlySpan<byte> frames)
    {
        if (header.QueueId != Queue.Id || header.SegmentBytes != Queue.SegmentBytes || header.Index != position / header.SegmentBytes
            || (!IsEmpty && position != Position) || frames.Length < FrameLayout.Alignment)
        {
            throw Foreign(position, $"the copy continues at position {Position}");
        }

        long offset = position % header.SegmentBytes;
        if (offset + frames.Length > Queue.Files.BytesOf(header.Index))
        {
            throw Foreign(position, "the segment of the copy is smaller than that of the source");
        }

        if (IsEmpty || _end.IsSealed)
        {
            if (offset != SegmentLayout.HeaderBytes)
            {
                throw Foreign(position, "a copy starts with the first frame of a segment");
            }

            Publish(header);
        }
        else if (header != _header)
        {
            throw Foreign(position, "the header of the segment differs");
        }

        FrameRun run = Write(offset, frames) ?? throw Foreign(position, "a frame does not match its checksum");
        return run;
    }

    /// <summary>Deletes all segments, because the source no longer has what follows them. The next run decides where the copy starts
    /// again. Readers see this as retention.</summary>
    /// <exception cref="EstreamException">A segment cannot be deleted. The copy is as long as before, or begins later.</exception>
    public void Clear()
    {
        IReadOnlyList<long> segments = Queue.Files.ListSegments();
        Leave();
        foreach (long index in segments)
        {
            if (!Queue.Segments.TryRemove(index, Queue.SyncNames))
            {
                Queue.Segments.Evict(index, Queue.SyncNames);
            }
        }

        _end = default;
    }

    /// <summary>Deletes segments beyond limits that every named tailer has passed and no reader has pinned, as an appender does.</summary>
    /// <exception cref="EstreamException">A cursor or segment cannot be read. Segments that may still be needed are kept.</exception>
    public void Retain(RetentionLimits limits)
    {
        if (!limits.IsNone)
        {
            _ = Queue.Keeper.Reclaim(limits);
        }
    }

    /// <summary>Whether frames of a segment can follow at <see cref="Position"/>: false if the copy has another segment there.</summary>
    public bool CanContinue(in SegmentHeader header) => IsEmpty || _end.IsSealed || header == _header;

    /// <summary>Whether the copy has exactly these frames at a position before its end.</summary>
    public bool Has(in SegmentHeader header, long position, ReadOnlySpan<byte> frames) =>
        position + frames.Length <= EndOf(header) && Has(Queue, header, position, frames);

    /// <summary>Returns the position of the first byte at which the copy differs from these frames, or ends.</summary>
    public long FindDifference(in SegmentHeader header, long position, ReadOnlySpan<byte> frames)
    {
        if (Queue.Segments.Acquire(position / Queue.SegmentBytes) is not { } segment)
        {
            return position;
        }

        try
        {
            long offset = position % Queue.SegmentBytes;
            int length = (int)Math.Clamp(Math.Min(EndOf(header) - position, segment.Memory.Length - offset), 0, frames.Length);
            segment.EnsureLoaded(offset, length);
            return CommittedLogReader.HeaderOf(segment, Queue) != header
                ? position
                : position + segment.Memory.ReadOnlySpan(offset, length).CommonPrefixLength(frames[..length]);
        }
        finally
        {
            Queue.Segments.Release(segment);
        }
    }

    /// <summary>Whether the files of a queue have exactly these bytes at a position. The caller knows that the log is committed up to
    /// there.</summary>
    public static bool Has(EstreamQueue queue, in SegmentHeader header, long position, ReadOnlySpan<byte> frames)
    {
        if (queue.Segments.Acquire(position / queue.SegmentBytes) is not { } segment)
        {
            return false;
        }

        try
        {
            long offset = position % queue.SegmentBytes;
            if (offset + frames.Length > segment.Memory.Length)
            {
                return false;
            }

            segment.EnsureLoaded(offset, frames.Length);
            return CommittedLogReader.HeaderOf(segment, queue) == header
                && segment.Memory.ReadOnlySpan(offset, frames.Length).SequenceEqual(frames);
        }
        finally
        {
            queue.Segments.Release(segment);
        }
    }

    /// <summary>Releases the lease and disposes the queue.</summary>
    public void Dispose()
    {
        Leave();
        Queue.Keeper.Leave();
        _spareLock.Dispose();
        _lease.Dispose();
        Queue.Dispose();
    }

    // While this queue is a copy, another host advances the groups and adapters of the queue. If this host takes over later, a group or
    // an adapter with an output continues at the position that the output stores, but not before its cursor.
    private static void ForgetOutputs(EstreamQueue queue)
    {
        foreach (string name in TailerCursor.NamesWithOutput(queue.Files))
        {
            if (name.StartsWith(GroupMember.TailerPrefix, StringComparison.Ordinal)
                || name.StartsWith(GroupOutput.AdapterPrefix, StringComparison.Ordinal))
            {
                using TailerCursor cursor = TailerCursor.Open(queue.Files, name, queue.OldestPosition());
                TransactionalConsumer.Forget(cursor);
            }
        }
    }

    private long EndOf(in SegmentHeader header) =>
        _segment is not null && header.Index == _segment.Index && !_end.IsSealed ? Position : (header.Index + 1) * Queue.SegmentBytes;

    private FrameRun? Write(long offset, ReadOnlySpan<byte> frames)
    {
        Segment segment = _segment!;
        FrameRun? run = FrameWalk.Check(_header, segment.ChecksumSeed, offset, _end.Number, frames,
            (at, stride, number, time) => SegmentIndex.Note(segment, at, stride, number, time));
        if (run is not { } checkedRun)
        {
            return null;
        }

        RegionSpan memory = segment.Memory;
        long next = offset + frames.Length;
        memory.Write(offset + FrameLayout.Alignment, frames[FrameLayout.Alignment..]);
        if (next < memory.Length)
        {
            memory.WriteInt64(next, 0);
        }

        uint number = (uint)(checkedRun.NextSequence - segment.FirstSequence);
        StoreTail(segment, checkedRun.IsSealed ? next - FrameLayout.HeaderBytes : next, number, checkedRun.IsSealed);

        // Orders all frames before the word that a reader acquires to reach any of them.
        memory.WriteInt64Release(offset, BitConverter.ToInt64(frames));
        _end = new LogEnd(next, number, 0, checkedRun.IsSealed);
        Queue.WaiterSignal.Notify();
        return run;
    }

    // A shared segment records its end in its header. A copy has no claims, so its tail is its end.
    private static void StoreTail(Segment segment, long end, uint number, bool isSealed)
    {
        if (segment.IsShared)
        {
            RegionSpan memory = segment.Memory;
            memory.WriteInt64(SegmentLayout.SealOffset, isSealed ? TailWord.Pack(number, end) : 0);
            memory.WriteInt64(
                SegmentLayout.TailOffset, TailWord.Pack(number, isSealed ? segment.Limit + FrameLayout.Alignment : end));
        }
    }

    private void Publish(in SegmentHeader header)
    {
        MemoryRegion spare = _source.Get(header.Index, out bool isReused);
        try
        {
            if (isReused)
            {
                SharedSupply.Clear(spare.All);
            }

            Segment next = Queue.Segments.Publish(spare, header);
            Leave();
            (_segment, _header, _end) = (next, header, new LogEnd(SegmentLayout.HeaderBytes, 0, 0, IsSealed: false));
        }
        catch
        {
            spare.Dispose();
            throw;
        }
    }

    private void EnterLast()
    {
        if (Queue.Files.ListSegments() is not [.., var last])
        {
            return;
        }

        _segment = Queue.Segments.Acquire(last)
            ?? throw new EstreamStorageException(
                $"'{Queue.Files.SegmentPath(last)}' vanished while the copy was opened. Do not remove segments by hand.",
                Queue.Files.SegmentPath(last), StorageFailure.NotFound);
        _header = CommittedLogReader.HeaderOf(_segment, Queue);
        _end = TailScanner.FindEnd(_segment);
        if (_end.IsSealed)
        {
            _end = _end with { Offset = _end.Offset + FrameLayout.HeaderBytes };
            return;
        }

        // A writer that was killed in the middle of a run leaves frames after the end. A claim of a former appender is left out as well.
        ClearAfter(_segment, _end.Offset);
        SegmentIndex.Complete(_segment, _end.Offset);
        StoreTail(_segment, _end.Offset, _end.Number, isSealed: false);
    }

    private static void ClearAfter(Segment segment, long offset)
    {
        RegionSpan memory = segment.Memory;
        long claimed = segment.IsShared ? TailWord.Offset(memory.ReadInt64Acquire(SegmentLayout.TailOffset)) : 0;
        long surely = Math.Max(offset + ClearAtLeast, claimed);
        for (long at = offset; at < memory.Length; at += ClearStep)
        {
            Span<byte> block = memory.Span(at, (int)Math.Min(ClearStep, memory.Length - at));
            bool isClear = !block.ContainsAnyExcept((byte)0);
            if (isClear && at >= surely)
            {
                return;
            }

            if (!isClear)
            {
                block.Clear();
            }
        }
    }

    private void Leave()
    {
        if (_segment is not null)
        {
            Queue.Segments.Release(_segment);
            _segment = null;
        }
    }

    private EstreamCorruptionException Foreign(long position, string reason) => new(
        $"Frames for position {position} do not belong to the copy '{Queue.Directory}': {reason}. Compare the copy with its source, or "
        + "copy again into an empty directory.", Queue.Directory, position);
}
