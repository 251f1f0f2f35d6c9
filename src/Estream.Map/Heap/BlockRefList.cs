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
