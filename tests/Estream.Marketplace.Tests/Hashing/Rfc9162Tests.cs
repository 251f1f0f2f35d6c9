using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Tests.Hashing;

/// <summary>Merkle trees with SHA-256 and SHA-3, compared with published roots and with a literal implementation of the RFC.</summary>
public sealed class Rfc9162Tests
{
    // The leaves and roots used by the Certificate Transparency projects, for every size from 0 to 8.
    private static readonly string[] s_leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] s_roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Sha256_roots_match_published_roots()
    {
        byte[] hashes = [.. s_leaves.SelectMany(leaf => Leaf(TreeHash.Sha256, Convert.FromHexString(leaf)))];
        for (int size = 0; size <= s_leaves.Length; size++)
        {
            Assert.Equal(s_roots[size], Convert.ToHexStringLower(Root(TreeHash.Sha256, hashes[..(size * 32)])));
        }
    }

    [Theory]
    [InlineData(TreeHash.Sha256)]
    [InlineData(TreeHash.Sha3)]
    public void Root_matches_the_RFC_definition_for_every_size(TreeHash kind)
    {
        byte[][] leaves = new byte[300][];
        byte[] hashes = [];
        for (int size = 0; size <= leaves.Length; size++)
        {
            Assert.Equal(Definition(kind, leaves.AsSpan(0, size)), Root(kind, hashes));
            if (size < leaves.Length)
            {
                // Includes leaves that are too long to be hashed from the stack.
                leaves[size] = new byte[4 + (size * 7 % 1100)];
                BinaryPrimitives.WriteInt32BigEndian(leaves[size], size);
                hashes = [.. hashes, .. Leaf(kind, leaves[size])];
            }
        }
    }

    [Theory]
    [InlineData(TreeHash.Sha256)]
    [InlineData(TreeHash.Sha3)]
    public void Leaf_with_the_content_of_a_node_has_another_hash(TreeHash kind)
    {
        byte[] left = Leaf(kind, [1]), right = Leaf(kind, [2]), node = new byte[32];
        Rfc9162.HashNode(kind, left, right, node);
        Assert.Equal(Plain(kind, [1, .. left, .. right]), node);
        Assert.NotEqual(node, Leaf(kind, [.. left, .. right]));
        Rfc9162.HashNode(kind, left, right, left);
        Assert.Equal(node, left);
    }

    [Fact]
    public void Spans_of_a_wrong_hash_length_throw_ArgumentException()
    {
        byte[] hash = new byte[32], other = new byte[31];
        Assert.Throws<ArgumentException>("hash", () => Rfc9162.HashLeaf(TreeHash.Sha256, [], other));
        Assert.Throws<ArgumentException>("hash", () => Rfc9162.HashBytesOf(TreeHash.Sha3, [], other));
        Assert.Throws<ArgumentException>("left", () => Rfc9162.HashNode(TreeHash.Sha256, other, hash, hash));
        Assert.Throws<ArgumentException>("right", () => Rfc9162.HashNode(TreeHash.Sha3, hash, other, hash));
        Assert.Throws<ArgumentException>("root", () => Rfc9162.HashRoot(TreeHash.Sha3, hash, other));
        Assert.Throws<ArgumentException>("leafHashes", () => Rfc9162.HashRoot(TreeHash.Sha256, other, hash));
    }

    private static byte[] Definition(TreeHash kind, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
        {
            return Plain(kind, []);
        }

        if (leaves.Length == 1)
        {
            return Plain(kind, [0, .. leaves[0]]);
        }

        // k is the largest power of two smaller than n.
        int k = 1;
        while (k * 2 < leaves.Length)
        {
            k *= 2;
        }

        return Plain(kind, [1, .. Definition(kind, leaves[..k]), .. Definition(kind, leaves[k..])]);
    }

    private static byte[] Plain(TreeHash kind, byte[] data)
    {
        byte[] hash = new byte[32];
        if (kind == TreeHash.Sha256)
        {
            return SHA256.HashData(data);
        }

        Sha3Lanes.Hash(data, hash);
        return hash;
    }

    private static byte[] Leaf(TreeHash kind, byte[] leaf)
    {
        byte[] hash = new byte[32];
        Rfc9162.HashLeaf(kind, leaf, hash);
        return hash;
    }

    private static byte[] Root(TreeHash kind, byte[] leafHashes)
    {
        byte[] root = new byte[32];
        Rfc9162.HashRoot(kind, leafHashes, root);
        return root;
    }
}
