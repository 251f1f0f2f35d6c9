using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests that a tree's root matches the definition, however the tree is built.</summary>
public sealed class MerkleTreeTests
{
    [Fact]
    public void The_tree_of_seven_leaves_has_the_shape_of_the_standard()
    {
        // RFC 9162, section 2.1.5: (((d0 d1) (d2 d3)) ((d4 d5) d6)).
        byte[][] d = NaiveTree.Leaves(7);
        byte[][] leaf = [.. d.Select(data => NaiveTree.Hash([0, .. data]))];
        byte[] g = Node(leaf[0], leaf[1]), h = Node(leaf[2], leaf[3]), i = Node(leaf[4], leaf[5]), j = leaf[6];
        byte[] k = Node(g, h), l = Node(i, j), root = Node(k, l);
        Assert.Equal(root, Built(d));
        MerkleNodes nodes = NodesOf(d);
        Assert.Equal([.. leaf[1], .. h, .. l], MerkleProver.ProveInclusion(nodes, 0, 7));
        Assert.Equal([.. leaf[2], .. g, .. l], MerkleProver.ProveInclusion(nodes, 3, 7));
        Assert.Equal([.. leaf[5], .. j, .. k], MerkleProver.ProveInclusion(nodes, 4, 7));
        Assert.Equal([.. i, .. k], MerkleProver.ProveInclusion(nodes, 6, 7));
        Assert.Equal([.. leaf[2], .. leaf[3], .. g, .. l], MerkleProver.ProveConsistency(nodes, 3, 7));
        Assert.Equal(l, MerkleProver.ProveConsistency(nodes, 4, 7));
        Assert.Equal([.. i, .. j, .. k], MerkleProver.ProveConsistency(nodes, 6, 7));
    }

    [Fact]
    public void Leaves_and_nodes_are_hashed_with_different_prefixes()
    {
        byte[] hash = new byte[32], left = [.. Enumerable.Repeat((byte)1, 32)], right = [.. Enumerable.Repeat((byte)2, 32)];
        MerkleTree.HashLeaf([.. left, .. right], hash);
        Assert.Equal(NaiveTree.Hash([0, .. left, .. right]), hash);
        MerkleTree.HashNode(left, right, hash);
        Assert.Equal(NaiveTree.Hash([1, .. left, .. right]), hash);
        MerkleTree.HashEmpty(hash);
        Assert.Equal("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a", Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void The_root_of_every_size_matches_the_definition()
    {
        byte[][] leaves = NaiveTree.Leaves(300);
        MerkleTreeBuilder builder = new();
        MerkleNodes nodes = new();
        byte[] root = new byte[32], hash = new byte[32];
        for (int size = 0; size <= leaves.Length; size++)
        {
            byte[] expected = NaiveTree.Root(leaves.AsSpan(0, size));
            builder.GetRoot(root);
            Assert.Equal((size, Convert.ToHexString(expected)), ((int)builder.Size, Convert.ToHexString(root)));
            MerkleProver.GetRoot(nodes, size, root);
            Assert.Equal(expected, root);
            if (size < leaves.Length)
            {
                builder.Append(leaves[size].AsSpan(0, leaves[size].Length / 3), leaves[size].AsSpan(leaves[size].Length / 3));
                MerkleTree.HashLeaf(leaves[size], hash);
                nodes.Append(hash);
            }
        }
    }

    [Fact]
    public void The_tree_does_not_depend_on_how_leaves_are_appended()
    {
        SampleTree tree = new(5_000);
        Random random = new(1);
        for (int round = 0; round < LongRun.Count(60, 600); round++)
        {
            MerkleFrontier frontier = new();
            while (frontier.Size < 5_000)
            {
                int count = Math.Min(random.Next(random.Next(2) == 0 ? 4 : 1_200), (int)(5_000 - frontier.Size));
                frontier.Append(tree.LeafHashes.AsSpan((int)frontier.Size * 32, count * 32));
                byte[] nodes = new byte[frontier.NodeCount * 32], root = new byte[32];
                frontier.CopyNodes(nodes);
                frontier = MerkleFrontier.Resume(frontier.Size, nodes);
                frontier.GetRoot(root);
                Assert.Equal(tree.Root(frontier.Size), root);
            }
        }
    }

    [Fact]
    public void Append_returns_the_new_nodes_of_a_level()
    {
        SampleTree tree = new(5_000);
        Random random = new(2);
        for (int level = 1; level < 12; level++)
        {
            MerkleFrontier frontier = new();
            byte[] nodes = new byte[5_000 * 32], expected = new byte[32];
            int given = 0;
            while (frontier.Size < 5_000)
            {
                int count = Math.Min(random.Next(700), (int)(5_000 - frontier.Size));
                given += frontier.Append(tree.LeafHashes.AsSpan((int)frontier.Size * 32, count * 32), level, nodes.AsSpan(given * 32));
                Assert.Equal(frontier.Size >> level, given);
            }

            for (int index = 0; index < given; index++)
            {
                tree.Nodes.GetNode(level, index, expected);
                Assert.Equal(expected, nodes.AsSpan(index * 32, 32).ToArray());
            }
        }
    }

    [Fact]
    public void Leaves_of_any_length_can_be_appended()
    {
        int[] lengths = [0, 1, 134, 135, 136, 1_000, 65_000, 65_535, 65_536, 70_000, 300_000, 5];
        byte[][] leaves = [.. lengths.Select(length => new byte[length])];
        Assert.Equal(NaiveTree.Root(leaves), Built(leaves));
    }

    [Fact]
    public void Invalid_lengths_sizes_and_indices_throw()
    {
        byte[] hash = new byte[32];
        Assert.Throws<ArgumentException>("hash", () => MerkleTree.HashLeaf([], new byte[31]));
        Assert.Throws<ArgumentException>("left", () => MerkleTree.HashNode(new byte[31], hash, hash));
        Assert.Throws<ArgumentException>("right", () => MerkleTree.HashNode(hash, new byte[33], hash));
        Assert.Throws<ArgumentException>("leafHashes", () => new MerkleFrontier().Append(new byte[33]));
        Assert.Throws<ArgumentException>("root", () => new MerkleFrontier().GetRoot(new byte[33]));
        Assert.Throws<ArgumentException>("nodes", () => MerkleFrontier.Resume(3, hash));
        Assert.Throws<ArgumentException>("nodes", () => MerkleFrontier.Resume(4, hash).CopyNodes(new byte[64]));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => MerkleFrontier.Resume(-1, []));
        Assert.Throws<OverflowException>(() => MerkleFrontier.Resume(long.MaxValue, new byte[63 * 32]).Append(hash));
        Assert.Throws<ArgumentException>("beginning", () => new MerkleTreeBuilder().Append(new byte[1_025], []));
        Assert.Throws<ArgumentException>("hashes", () => new MerkleNodes().Append(new byte[33]));
        Assert.Throws<ArgumentOutOfRangeException>("baseLevel", () => new MerkleNodes(63));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => new MerkleNodes().GetNode(0, 0, hash));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => MerkleProver.ProveInclusion(new MerkleNodes(), 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>("oldSize", () => MerkleProver.ProveConsistency(new MerkleNodes(), 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("oldSize", () => MerkleProver.ProveConsistency(new MerkleNodes(), 2, 1));
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        MerkleTreeBuilder builder = new();
        byte[] leaf = new byte[100], large = new byte[70_000], root = new byte[32];
        Assert.Equal(0, AllocationMeter.OnThisThread(3_000, () => builder.Append(leaf, leaf)));
        Assert.Equal(0, AllocationMeter.OnThisThread(3, () =>
        {
            builder.Append(large);
            builder.GetRoot(root);
            builder.ForgetBlocks();
        }));
    }

    private static byte[] Node(byte[] left, byte[] right) => NaiveTree.Hash([1, .. left, .. right]);

    private static byte[] Built(byte[][] leaves)
    {
        MerkleTreeBuilder builder = new();
        foreach (byte[] leaf in leaves)
        {
            builder.Append(leaf);
        }

        byte[] root = new byte[32];
        builder.GetRoot(root);
        Assert.Equal(leaves.Length, builder.Size);
        return root;
    }

    private static MerkleNodes NodesOf(byte[][] leaves)
    {
        MerkleNodes nodes = new();
        foreach (byte[] leaf in leaves)
        {
            nodes.Append(NaiveTree.Hash([0, .. leaf]));
        }

        return nodes;
    }
}
