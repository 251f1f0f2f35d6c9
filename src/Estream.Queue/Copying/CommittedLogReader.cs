using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Reads the committed part of a log as runs of whole frames, for copies that are equal byte for byte. Not thread-safe.</summary>
/// <remarks>A run never ends inside a batch. The reader pins the segment of its last run, so retention may wait for it.</remarks>
internal sealed class CommittedLogReader(EstreamQueue queue, long position) : IDisposable
{
    private Segment? _segment;
    private long _number = -1;

    /// <summary>The position of the next frame.</summary>
    public long Position { get; private set; } = position;

    /// <summary>The fields of a segment.</summary>
    public static SegmentHeader HeaderOf(Segment segment, EstreamQueue queue) => new(
        queue.Files.QueueId, queue.SegmentBytes, segment.Index, segment.FirstSequence, segment.BaseTime,
        segment.HasChecksums ? FrameChecksum.Crc32C : FrameChecksum.None, segment.IsShared ? ClaimKind.Shared : ClaimKind.Exclusive,
        segment.Key);

    /// <summary>Reads the next committed frames.</summary>
    /// <param name="maxBytes">The maximum length of the run; longer if the first frame or batch is.</param>
    /// <param name="range">The run.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="EstreamStorageException">Retention has deleted the next frame.</exception>
    /// <exception cref="EstreamCorruptionException">A frame violates the format.</exception>
    public bool TryRead(int maxBytes, out LogRange range)
    {
        range = default;
        if (!TryEnter())
        {
            return false;
        }

        Segment segment = _segment!;
        long offset = Position % queue.SegmentBytes;
        long end = FindEnd(segment, offset, maxBytes);
        if (end == offset)
        {
            return false;
        }

        SegmentHeader header = HeaderOf(segment, queue);
        ReadOnlySpan<byte> frames = segment.Memory.ReadOnlySpan(offset, (int)(end - offset));
        FrameRun run = FrameWalk.Check(header, segment.ChecksumSeed, offset, (uint)_number, frames)
            ?? throw new EstreamCorruptionException(
                $"'{segment.Path}' is damaged between offset {offset} and {end}: a frame there does not match its checksum. Run 'estream "
                + "queue verify' and restore the segment from a copy.", segment.Path, offset);
        range = new LogRange { Segment = header, Position = Position, Frames = frames, Run = run };
        _number = run.NextSequence - segment.FirstSequence;
        Position = range.End;
        return true;
    }

    public void Dispose() => Leave();

    private void Leave()
    {
        if (_segment is not null)
        {
            queue.Segments.Release(_segment);
            _segment = null;
        }

        _number = -1;
    }

    private bool TryEnter()
    {
        long index = Position / queue.SegmentBytes;
        if (_segment is null || _segment.Index != index)
        {
            Leave();
            _segment = queue.Segments.Acquire(index);
            if (_segment is null)
            {
                return queue.ListSegments() is [var oldest, ..] && oldest > index ? throw Deleted() : false;
            }

            if (_segment.Version != SegmentLayout.Version)
            {
                throw new EstreamFormatException(
                    $"'{_segment.Path}' has format version {_segment.Version} and cannot be copied. Let retention remove the segment, "
                    + "or copy the messages to a new queue.", _segment.Path);
            }

            _number = SequenceNumber.At(_segment, Position % queue.SegmentBytes);
        }

        return true;
    }

    private static long FindEnd(Segment segment, long offset, int maxBytes)
    {
        RegionSpan memory = segment.Memory;
        (long end, long walked, bool isContinued) = (offset, offset, false);
        segment.EnsureLoaded(walked, BlockLayout.HeaderBytes);
        int word;
        while (walked <= segment.Limit && !FrameCheck.IsPending(segment, word = memory.ReadInt32Acquire(walked)))
        {
            bool isEnd = FrameCheck.IsEndOfSegment(memory, walked, word);
            if (!isEnd && !FrameCheck.IsSkipped(segment, walked, word))
            {
                FrameCheck.RequireMessage(segment, walked, word);
            }

            long next = walked + FrameLayout.StrideOfAny(word);
            if (next - offset > maxBytes && end > offset)
            {
                break;
            }

            segment.EnsureLoaded(walked, next - walked + BlockLayout.HeaderBytes);
            isContinued = FrameShape.IsContinued(word, (uint)memory.ReadInt32(walked + FrameLayout.NumberOffset));
            walked = next;
            end = isContinued ? end : walked;
            if (isEnd)
            {
                break;
            }
        }

        return end;
    }

    private EstreamStorageException Deleted() => new(
        $"Queue '{queue.Directory}' no longer has position {Position}: retention has deleted the segment. Start the copy again.",
        queue.Directory, StorageFailure.NotFound);
}
