using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>A mapped segment and the content of its header. <see cref="SegmentCache"/> controls who may use it.</summary>
internal sealed class Segment
{
    private const int PartShift = 20;
    private const long PartBytes = 1 << PartShift;

    // A bit for each part of the file that was loaded; null if this process has written all pages.
    private readonly long[]? _loaded;

    private Segment(MemoryRegion region, string path, long index, int version, long segmentBytes, bool isLoaded)
    {
        _loaded = isLoaded ? null : new long[(((region.Length - 1) >> PartShift) / 64) + 1];
        Region = region;
        Path = path;
        Index = index;
        Version = version;
        RegionSpan memory = region.All;
        Memory = memory.Slice(0, segmentBytes);
        IndexArea = memory.Slice(segmentBytes, SegmentLayout.FileBytes(segmentBytes, version) - segmentBytes);
        IsShared = version > 1 && memory.ReadInt32(SegmentLayout.KindOffset) == (int)ClaimKind.Shared;
        FirstSequence = memory.ReadInt64(SegmentLayout.FirstSequenceOffset);
        BaseTime = memory.ReadInt64(SegmentLayout.BaseTimeOffset);
        ChecksumSeed = (uint)memory.ReadInt32(SegmentLayout.HeaderChecksumOffset);
        HasChecksums = memory.ReadInt32(SegmentLayout.FrameChecksumOffset) == (int)FrameChecksum.Crc32C;
        Key = SegmentKeyHeader.Read(memory);
    }

    // Creates the same segment with other memory, which holds its decrypted frames.
    private Segment(Segment file, MemoryRegion memory)
    {
        (Region, Path, Index, Version, Memory) = (memory, file.Path, file.Index, file.Version, memory.All);
        (FirstSequence, BaseTime) = (file.FirstSequence, file.BaseTime);
    }

    public MemoryRegion Region { get; }

    /// <summary>Header and frames, without the index.</summary>
    public RegionSpan Memory { get; }

    /// <summary>The index after the frames; empty in version 1.</summary>
    public RegionSpan IndexArea { get; }

    public string Path { get; }

    public long Index { get; }

    public int Version { get; }

    /// <summary>The whole file, or private memory, as <see cref="Memory{T}"/>, for use across an await. Created on first use.</summary>
    public ReadOnlyMemory<byte> AllBytes => Region.AsReadOnlyMemory();

    /// <summary>Whether several writers claim space in the segment.</summary>
    public bool IsShared { get; }

    public long FirstSequence { get; }

    public long BaseTime { get; }

    public bool HasChecksums { get; }

    /// <summary>
    /// The start value of frame checksums: the checksum of the header. Stale frames of a recycled segment therefore fail the checksum.
    /// </summary>
    public uint ChecksumSeed { get; }

    /// <summary>The key that encrypts its blocks.</summary>
    public SegmentKey Key { get; }

    public bool IsEncrypted => Key.Generation != 0;

    /// <summary>The number of appenders and tailers in the segment; changed under the lock of the cache.</summary>
    public int Users { get; set; }

    /// <summary>The last offset at which an end-of-segment frame fits.</summary>
    public long Limit => Memory.Length - FrameLayout.HeaderBytes;

    /// <summary>
    /// Loads a range of the file before its first use, so that a truncated file or a bad sector is an exception and does not end the
    /// process. Thread-safe; a few nanoseconds if the range is loaded.
    /// </summary>
    /// <exception cref="EstreamCorruptionException">The file was truncated.</exception>
    /// <exception cref="EstreamStorageException">The device cannot read the range.</exception>
    public void EnsureLoaded(long offset, long length)
    {
        if (_loaded is not null)
        {
            LoadParts(_loaded, offset, Math.Min(offset + length, Region.Length));
        }
    }

    /// <summary>The end of the part of the frames that contains the byte before an offset, or of all frames if the whole file is
    /// loaded.</summary>
    public long PartEnd(long offset) =>
        _loaded is null ? Memory.Length : Math.Min(Memory.Length, (offset + PartBytes - 1) >> PartShift << PartShift);

    private void LoadParts(long[] loaded, long offset, long end)
    {
        for (long part = offset >> PartShift; part << PartShift < end; part++)
        {
            long bit = 1L << (int)(part & 63);
            ref long bits = ref loaded[part >> 6];
            if ((Volatile.Read(ref bits) & bit) == 0)
            {
                long start = part << PartShift;
                Region.Load(start, Math.Min(PartBytes, Region.Length - start));
                _ = Interlocked.Or(ref bits, bit);
            }
        }
    }

    /// <summary>Whether <paramref name="region"/> is still the segment it was opened as: reuse gives it another number.</summary>
    public static bool IsStill(MemoryRegion region, long index) =>
        region.Length >= SegmentLayout.HeaderBytes
        && region.All.ReadInt64Acquire(SegmentLayout.MagicOffset) == SegmentLayout.Magic
        && region.All.ReadInt64(SegmentLayout.IndexOffset) == index;

    /// <summary>This segment with its decrypted frames in private memory. The copy has no checksums and counts as written by an exclusive
    /// writer.</summary>
    public Segment WithMemory(MemoryRegion memory) => new(this, memory);

    /// <summary>Whether the bytes after the magic are a valid header of some segment.</summary>
    public static bool IsHeaderChecked(RegionSpan memory) =>
        (uint)memory.ReadInt32(SegmentLayout.HeaderChecksumOffset) == Crc32C.Compute(
            memory.ReadOnlySpan(SegmentLayout.QueueIdOffset, SegmentLayout.CheckedBytes));

    /// <summary>Reads the header of an opened segment.</summary>
    /// <param name="region">The file.</param>
    /// <param name="path">Its name.</param>
    /// <param name="index">The index in its name.</param>
    /// <param name="files">The queue that it must belong to.</param>
    /// <param name="isLoaded">Whether this process has written or populated all its pages.</param>
    public static Segment Attach(MemoryRegion region, string path, long index, QueueFiles files, bool isLoaded)
    {
        RegionSpan memory = region.All;
        int version = FormatHeader.Check(memory, path, SegmentLayout.Magic, SegmentLayout.Version, SegmentLayout.CheckedBytes);
        long foundQueue = memory.ReadInt64(SegmentLayout.QueueIdOffset);
        if (foundQueue != files.QueueId)
        {
            throw new EstreamFormatException(
                $"'{path}' belongs to another queue (id {foundQueue:x16}, expected {files.QueueId:x16}). Move it back to where it came "
                + "from.", path);
        }

        long segmentBytes = files.BytesOf(index);
        if (memory.ReadInt64(SegmentLayout.IndexOffset) != index
            || memory.ReadInt64(SegmentLayout.SegmentBytesOffset) != files.SegmentBytes
            || memory.Length < SegmentLayout.FileBytes(segmentBytes, version))
        {
            throw new EstreamCorruptionException(
                $"The header of '{path}' says segment {memory.ReadInt64(SegmentLayout.IndexOffset)} of a queue with segments of "
                + $"{memory.ReadInt64(SegmentLayout.SegmentBytesOffset)} bytes, "
                + $"but the file is segment {index} with {memory.Length} bytes in a queue with {files.SegmentBytes}. The file was "
                + "renamed or truncated; restore it from a copy.", path, SegmentLayout.IndexOffset);
        }

        RequireKnown(memory.ReadInt32(SegmentLayout.FrameChecksumOffset) is (int)FrameChecksum.None or (int)FrameChecksum.Crc32C,
            "frame checksums", path);
        SegmentKeyHeader.Check(memory, path);
        RequireKnown(version == 1 || memory.ReadInt32(SegmentLayout.KindOffset) is (int)ClaimKind.Exclusive or (int)ClaimKind.Shared,
            "claims", path);
        return new Segment(region, path, index, version, segmentBytes, isLoaded);
    }

    /// <summary>Writes the header of a segment that has no name yet, and an empty first frame.</summary>
    public static void WriteHeader(RegionSpan memory, in SegmentHeader header)
    {
        memory.Span(0, SegmentLayout.HeaderBytes).Clear();
        memory.WriteInt64(SegmentLayout.QueueIdOffset, header.QueueId);
        memory.WriteInt64(SegmentLayout.IndexOffset, header.Index);
        memory.WriteInt64(SegmentLayout.SegmentBytesOffset, header.SegmentBytes);
        memory.WriteInt64(SegmentLayout.FirstSequenceOffset, header.FirstSequence);
        memory.WriteInt64(SegmentLayout.BaseTimeOffset, header.BaseTime);
        memory.WriteInt32(SegmentLayout.FrameChecksumOffset, (int)header.Checksum);
        memory.WriteInt32(SegmentLayout.KindOffset, (int)header.Kind);
        if (header.Kind == ClaimKind.Shared)
        {
            memory.WriteInt64(SegmentLayout.TailOffset, TailWord.Pack(0, SegmentLayout.HeaderBytes));
        }

        SegmentKeyHeader.Write(memory, header.Key, FormatHeader.CheckOf(memory, SegmentLayout.CheckedBytes));
        memory.WriteInt64(SegmentLayout.HeaderBytes, 0);
        FormatHeader.Seal(memory, SegmentLayout.Magic, SegmentLayout.Version, SegmentLayout.CheckedBytes);
    }

    private static void RequireKnown(bool known, string what, string path)
    {
        if (!known)
        {
            throw new EstreamFormatException(
                $"'{path}' has {what} of a kind that this version does not know. Open it with the release of Estream that wrote it, or a "
                + "newer one.", path);
        }
    }
}

/// <summary>How space in a segment is claimed.</summary>
internal enum ClaimKind
{
    /// <summary>By one writer, which stores a zero after each message.</summary>
    Exclusive = 0,

    /// <summary>By an addition to the tail in the header; the segment was all zeros before.</summary>
    Shared = 1,
}

/// <summary>The fields at the start of a segment.</summary>
internal readonly record struct SegmentHeader(
    long QueueId, long SegmentBytes, long Index, long FirstSequence, long BaseTime, FrameChecksum Checksum, ClaimKind Kind, SegmentKey Key);
