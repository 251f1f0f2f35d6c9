using System.Security.Cryptography;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>A literal implementation of the definitions in RFC 9162, section 2.1: recursive, slow, and without product code.</summary>
internal static class ReferenceTree
{
    public static byte[] Leaf(byte[] data) => SHA256.HashData([0, .. data]);

    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length < 2)
        {
            return leaves.IsEmpty ? SHA256.HashData([]) : leaves[0];
        }

        int middle = Middle(leaves.Length);
        return Node(Root(leaves[..middle]), Root(leaves[middle..]));
    }

    public static List<byte[]> Path(int index, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        int middle = Middle(leaves.Length);
        return index < middle
            ? [.. Path(index, leaves[..middle]), Root(leaves[middle..])]
            : [.. Path(index - middle, leaves[middle..]), Root(leaves[..middle])];
    }

    public static List<byte[]> Consistency(int size, ReadOnlySpan<byte[]> leaves, bool isWhole = true)
    {
        if (size == leaves.Length)
        {
            return isWhole ? [] : [Root(leaves)];
        }

        int middle = Middle(leaves.Length);
        return size <= middle
            ? [.. Consistency(size, leaves[..middle], isWhole), Root(leaves[middle..])]
            : [.. Consistency(size - middle, leaves[middle..], isWhole: false), Root(leaves[..middle])];
    }

    private static byte[] Node(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);

    private static int Middle(int count)
    {
        int power = 1;
        while (power * 2 < count)
        {
            power *= 2;
        }

        return power;
    }
}
