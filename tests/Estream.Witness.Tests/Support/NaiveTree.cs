using System.Numerics;
using Estream.Crypto;

namespace Estream.Witness.Tests.Support;

/// <summary>The definitions of RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, implemented literally and ignoring speed.</summary>
internal static class NaiveTree
{
    public static byte[] Hash(params byte[] data)
    {
        byte[] hash = new byte[MerkleTree.HashBytes];
        Sha3Lanes.Hash(data, hash);
        return hash;
    }

    /// <summary>Returns leaves determined by their index.</summary>
    public static byte[][] Leaves(int count) => [.. Enumerable.Range(0, count).Select(Leaf)];

    public static byte[] Leaf(int index)
    {
        byte[] leaf = new byte[index * 7 % 150];
        new Random(index).NextBytes(leaf);
        return leaf;
    }

    /// <summary>MTH(D_n).</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length < 2)
        {
            return leaves.Length == 0 ? Hash() : Hash([0, .. leaves[0]]);
        }

        int k = Split(leaves.Length);
        return Hash([1, .. Root(leaves[..k]), .. Root(leaves[k..])]);
    }

    /// <summary>PATH(m, D_n).</summary>
    public static byte[] Path(int m, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        int k = Split(leaves.Length);
        return m < k ? [.. Path(m, leaves[..k]), .. Root(leaves[k..])] : [.. Path(m - k, leaves[k..]), .. Root(leaves[..k])];
    }

    /// <summary>PROOF(m, D_n).</summary>
    public static byte[] Proof(int m, ReadOnlySpan<byte[]> leaves) => Subproof(m, leaves, true);

    public static int Split(int n) => 1 << BitOperations.Log2((uint)n - 1);

    private static byte[] Subproof(int m, ReadOnlySpan<byte[]> leaves, bool isWhole)
    {
        if (m == leaves.Length)
        {
            return isWhole ? [] : Root(leaves);
        }

        int k = Split(leaves.Length);
        return m <= k
            ? [.. Subproof(m, leaves[..k], isWhole), .. Root(leaves[k..])]
            : [.. Subproof(m - k, leaves[k..], false), .. Root(leaves[..k])];
    }
}
