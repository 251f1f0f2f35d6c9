using System.Buffers.Binary;

namespace Estream.Map.Internal;

/// <summary>
/// The references of the entries whose keys have the same hash of 64 bits: the value of a block of its own. Among a billion keys there is
/// one such pair in thirty maps. Bundles are never changed either: each change writes a new one.
/// </summary>
internal static class Bundle
{
    /// <summary>More would not come by chance: a hash key that became known would make every access a long search.</summary>
    public const int MaxMembers = 64;

    public const int MaxBytes = MaxMembers * MemberBytes;

    private const int MemberBytes = sizeof(ulong);

    public static bool IsPossible(int bytes) => bytes is >= 2 * MemberBytes and <= MaxBytes && bytes % MemberBytes == 0;

    public static int CountOf(ReadOnlySpan<byte> members) => members.Length / MemberBytes;

    public static BlockRef At(ReadOnlySpan<byte> members, int index) => new((nuint)BinaryPrimitives.ReadUInt64LittleEndian(members[(index * MemberBytes)..]));

    /// <summary>Which member it is; it is one.</summary>
    public static int IndexOf(ReadOnlySpan<byte> members, BlockRef member)
    {
        int index = 0;
        while (At(members, index) != member)
        {
            index++;
        }

        return index;
    }

    public static void Set(Span<byte> members, int index, BlockRef member) => BinaryPrimitives.WriteUInt64LittleEndian(members[(index * MemberBytes)..], member.Word);

    /// <summary>Takes one out; the last takes its place.</summary>
    public static Span<byte> Without(Span<byte> members, int index)
    {
        Set(members, index, At(members, CountOf(members) - 1));
        return members[..^MemberBytes];
    }
}
