using System.Buffers.Binary;

namespace Estream.Map.Internal;

/// <summary>
/// A list of block references, stored as the value of a separate block. It is a collision list of the entries whose keys have the same
/// 64-bit hash, or the list that a feed intent names. Of maps with a billion keys, one in thirty has such a pair of keys. Lists never
/// change: each change writes a new one.
/// </summary>
internal static class BlockRefList
{
    /// <summary>The maximum number of keys with one hash. More mean an attack: with a known hash key every access would be a long
    /// search.</summary>
    public const int MaxMembers = 64;

    public const int MaxBytes = MaxMembers * MemberBytes;

    private const int MemberBytes = sizeof(ulong);

    public static bool IsPossible(int bytes) => bytes is >= 2 * MemberBytes and <= MaxBytes && bytes % MemberBytes == 0;

    public static int CountOf(ReadOnlySpan<byte> members) => members.Length / MemberBytes;

    public static BlockRef At(ReadOnlySpan<byte> members, int index) =>
        new((nuint)BinaryPrimitives.ReadUInt64LittleEndian(members[(index * MemberBytes)..]));

    /// <summary>Returns the index of a member, which must be in the list.</summary>
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

    /// <summary>Removes a member. The last member moves to its index.</summary>
    public static Span<byte> Without(Span<byte> members, int index)
    {
        Set(members, index, At(members, CountOf(members) - 1));
        return members[..^MemberBytes];
    }
}

/// <summary>
/// The location of a block, which the index stores for a hash. Bits 0..26: offset in the segment, divided by 8. Bits 27..62: number of the
/// segment. Numbers are never reused, so no two blocks ever have the same reference. Bit 63: the block is a list of references, see
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
