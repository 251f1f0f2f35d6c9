namespace Estream.Map.Internal;

/// <summary>
/// Where a block lies: what the index keeps for a hash. Bits 0..26: offset / 8 in its segment; 27..62: the segment's number, which is
/// never used twice, so that no two blocks ever have the same reference; 63: the block lists several others, see
/// <see cref="BlockRefList"/>.
/// </summary>
internal readonly record struct BlockRef(nuint Word)
{
    public const long MaxSegment = (1L << SegmentBits) - 1;

    private const int OffsetBits = 27;
    private const int SegmentBits = 36;

    public bool IsList => (long)Word < 0;

    public long Segment => (long)(Word >> OffsetBits) & MaxSegment;

    public long Offset => ((long)Word & ((1L << OffsetBits) - 1)) * BlockLayout.Alignment;

    public static BlockRef Of(long segment, long offset, bool isList) =>
        new((nuint)((isList ? 1UL << 63 : 0) | ((ulong)segment << OffsetBits) | ((ulong)offset / BlockLayout.Alignment)));
}
