using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>A mapped segment and what its header says. Who may use it when is the business of <see cref="SegmentCache"/>.</summary>
internal sealed class Segment
{
    private Segment(MemoryRegion region, string path, long index)
    {
        Region = region;
        Path = path;
        Index = index;
        RegionSpan memory = region.All;
        FirstSequence = memory.ReadInt64(SegmentLayout.FirstSequenceOffset);
        BaseTime = memory.ReadInt64(SegmentLayout.BaseTimeOffset);
        ChecksumSeed = (uint)memory.ReadInt32(SegmentLayout.HeaderChecksumOffset);
        HasChecksums = memory.ReadInt32(SegmentLayout.FrameChecksumOffset) == (int)FrameChecksum.Crc32C;
    }

    public MemoryRegion Region { get; }

    public string Path { get; }

    public long Index { get; }

    public long FirstSequence { get; }

    public long BaseTime { get; }

    public bool HasChecksums { get; }

    /// <summary>
    /// What frame checksums continue: the header's own checksum. A frame that an earlier life of a reused segment left behind does not
    /// match, however whole it is.
    /// </summary>
    public uint ChecksumSeed { get; }

    /// <summary>How many appenders and tailers are in it; changed under the cache's lock.</summary>
    public int Users { get; set; }

    /// <summary>Whether <paramref name="region"/> is still the segment it was opened as: reuse gives it another number.</summary>
    public static bool IsStill(MemoryRegion region, long index) =>
        region.Length >= SegmentLayout.HeaderBytes
        && region.All.ReadInt64Acquire(SegmentLayout.MagicOffset) == SegmentLayout.Magic && region.All.ReadInt64(SegmentLayout.IndexOffset) == index;

    /// <summary>Reads the header of an opened segment.</summary>
    public static Segment Attach(MemoryRegion region, string path, long index, long queueId, long segmentBytes)
    {
        RegionSpan memory = region.All;
        FormatHeader.Check(memory, path, SegmentLayout.Magic, SegmentLayout.Version, SegmentLayout.CheckedBytes);
        long foundQueue = memory.ReadInt64(SegmentLayout.QueueIdOffset);
        if (foundQueue != queueId)
        {
            throw new EstreamFormatException($"'{path}' belongs to another queue (id {foundQueue:x16}, expected {queueId:x16}). Move it back to where it came from.", path);
        }

        if (memory.ReadInt64(SegmentLayout.IndexOffset) != index || memory.ReadInt64(SegmentLayout.SegmentBytesOffset) != segmentBytes || memory.Length != segmentBytes)
        {
            throw new EstreamCorruptionException(
                $"The header of '{path}' says segment {memory.ReadInt64(SegmentLayout.IndexOffset)} of {memory.ReadInt64(SegmentLayout.SegmentBytesOffset)} bytes, "
                + $"but the file is segment {index} of {memory.Length} bytes in a queue with {segmentBytes}. It was renamed or cut off; restore it.", path, SegmentLayout.IndexOffset);
        }

        int checksum = memory.ReadInt32(SegmentLayout.FrameChecksumOffset);
        if (checksum is not ((int)FrameChecksum.None or (int)FrameChecksum.Crc32C))
        {
            throw new EstreamFormatException(
                $"'{path}' has frame checksums of kind {checksum}, which this version does not know. Open it with the release of Estream that wrote it, or a newer one.", path);
        }

        return new Segment(region, path, index);
    }

    /// <summary>Writes the header of a segment that has no name yet, and an empty first frame.</summary>
    public static void WriteHeader(RegionSpan memory, in SegmentHeader header)
    {
        memory.Span(0, SegmentLayout.HeaderBytes).Clear();
        memory.WriteInt64(SegmentLayout.QueueIdOffset, header.QueueId);
        memory.WriteInt64(SegmentLayout.IndexOffset, header.Index);
        memory.WriteInt64(SegmentLayout.SegmentBytesOffset, memory.Length);
        memory.WriteInt64(SegmentLayout.FirstSequenceOffset, header.FirstSequence);
        memory.WriteInt64(SegmentLayout.BaseTimeOffset, header.BaseTime);
        memory.WriteInt32(SegmentLayout.FrameChecksumOffset, (int)header.Checksum);
        memory.WriteInt64(SegmentLayout.HeaderBytes, 0);
        FormatHeader.Seal(memory, SegmentLayout.Magic, SegmentLayout.Version, SegmentLayout.CheckedBytes);
    }
}

/// <summary>What is written at the start of a segment.</summary>
internal readonly record struct SegmentHeader(long QueueId, long Index, long FirstSequence, long BaseTime, FrameChecksum Checksum);
