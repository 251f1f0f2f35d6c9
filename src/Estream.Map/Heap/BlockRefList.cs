using System.Buffers.Binary;

namespace Estream.Map.Internal;

/// <summary>
/// A list of block references, the value of a block of its own: of the entries whose keys have the same 64-bit hash, or of the entries that
/// a feed intent names. Among a billion keys, one map in thirty has such a pair of keys. Lists never change: each change writes a new one.
/// </summary>
internal static class BlockRefList
{
    /// <summary>More keys of one hash mean an attack: with a known hash key every access would be a long search.</summary>
    public const int MaxMembers = 64;

    public const int MaxBytes = MaxMembers * MemberBytes;

    private const int MemberBytes = sizeof(ulong);

    public static bool IsPossible(int bytes) => bytes is >= 2 * MemberBytes and <= MaxBytes && bytes % MemberBytes == 0;

    public static int CountOf(ReadOnlySpan<byte> members) => members.Length / MemberBytes;

    public static BlockRef At(ReadOnlySpan<byte> members, int index) =>
        new((nuint)BinaryPrimitives.ReadUInt64LittleEndian(members[(index * MemberBytes)..]));

    /// <summary>The index of a member.</summary>
    public static int IndexOf(ReadOnlySpan<byte> members, BlockRef member)
    {
        int index = 0;
        while (At(members, index) != member)
        {
            index++;
        }

        return index;
    }

    public static void Set(Span<byte> members, int index, BlockRef member) =>
        BinaryPrimitives.WriteUInt64LittleEndian(members[(index * MemberBytes)..], member.Word);

    /// <summary>Removes a member; the last one takes its place.</summary>
    public static Span<byte> Without(Span<byte> members, int index)
    {
        Set(members, index, At(members, CountOf(members) - 1));
        return members[..^MemberBytes];
    }
}

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
