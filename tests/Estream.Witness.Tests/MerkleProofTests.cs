using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests that created proofs are valid and match the definition, and that changed proofs are invalid.</summary>
public sealed class MerkleProofTests
{
    private const int Small = 300;

    private static readonly SampleTree s_small = new(Small);

    [Fact]
    public void Every_leaf_of_every_small_tree_has_a_valid_inclusion_proof()
    {
        for (int size = 1; size <= Small; size++)
        {
            byte[] root = s_small.Root(size);
            for (int index = 0; index < size; index++)
            {
                byte[] proof = MerkleProver.ProveInclusion(s_small.Nodes, index, size);
                Assert.True(MerkleProof.VerifyInclusion(index, size, s_small.LeafHash(index), proof, root), $"{index} of {size}");
            }
        }
    }

    [Fact]
    public void Every_small_tree_has_a_valid_consistency_proof_with_every_smaller_one()
    {
        byte[][] roots = [.. Enumerable.Range(0, Small + 1).Select(size => s_small.Root(size))];
        for (int size = 1; size <= Small; size++)
        {
            for (int old = 1; old <= size; old++)
            {
                byte[] proof = MerkleProver.ProveConsistency(s_small.Nodes, old, size);
                Assert.True(MerkleProof.VerifyConsistency(old, size, roots[old], roots[size], proof), $"{old} in {size}");
            }
        }
    }

    [Fact]
    public void Proofs_match_the_definition()
    {
        byte[][] leaves = NaiveTree.Leaves(70);
        MerkleNodes nodes = new();
        foreach (byte[] leaf in leaves)
        {
            nodes.Append(NaiveTree.Hash([0, .. leaf]));
        }

        for (int size = 1; size <= leaves.Length; size++)
        {
            for (int at = 0; at < size; at++)
            {
                Assert.Equal(NaiveTree.Path(at, leaves.AsSpan(0, size)), MerkleProver.ProveInclusion(nodes, at, size));
                Assert.Equal(NaiveTree.Proof(at + 1, leaves.AsSpan(0, size)), MerkleProver.ProveConsistency(nodes, at + 1, size));
            }
        }
    }

    [Fact]
    public void Proofs_of_random_large_trees_are_valid_and_changed_ones_are_not()
    {
        const int Size = 70_000;
        SampleTree tree = new(Size);
        Random random = new(3);
        for (int round = 0; round < LongRun.Count(300, 20_000); round++)
        {
            int size = random.Next(1, Size + 1), index = random.Next(size), old = random.Next(1, size + 1);
            byte[] root = tree.Root(size), proof = MerkleProver.ProveInclusion(tree.Nodes, index, size);
            Assert.True(MerkleProof.VerifyInclusion(index, size, tree.LeafHash(index), proof, root), $"{index} of {size}");
            int other = random.Next(size);
            Assert.Equal(other == index, MerkleProof.VerifyInclusion(other, size, tree.LeafHash(index), proof, root));
            Assert.Equal(other == index, MerkleProof.VerifyInclusion(index, size, tree.LeafHash(other), proof, root));
            byte[] consistency = MerkleProver.ProveConsistency(tree.Nodes, old, size);
            Assert.True(MerkleProof.VerifyConsistency(old, size, tree.Root(old), root, consistency), $"{old} in {size}");
            int another = random.Next(1, size + 1);
            Assert.Equal(another == old, MerkleProof.VerifyConsistency(old, size, tree.Root(another), root, consistency));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(300)]
    public void A_changed_inclusion_proof_is_invalid(int size)
    {
        byte[] root = s_small.Root(size);
        for (int index = 0; index < size; index += 1 + (size / 20))
        {
            byte[] leaf = s_small.LeafHash(index), proof = MerkleProver.ProveInclusion(s_small.Nodes, index, size);
            Assert.All(Flipped(leaf), changed => Assert.False(MerkleProof.VerifyInclusion(index, size, changed, proof, root)));
            Assert.All(Flipped(root), changed => Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, proof, changed)));
            Assert.All(Changed(proof), changed => Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, changed, root)));
            for (int other = 0; other < Small; other++)
            {
                Assert.Equal(other == index, MerkleProof.VerifyInclusion(other, size, leaf, proof, root));
            }

            // With another tree size and the root of the tree of that size, the proof is invalid.
            for (int other = index + 1; other <= Small; other++)
            {
                Assert.Equal(other == size, MerkleProof.VerifyInclusion(index, other, leaf, proof, s_small.Root(other)));
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(299)]
    public void A_changed_consistency_proof_is_invalid(int size)
    {
        byte[] root = s_small.Root(size);
        for (int old = 1; old <= size; old += 1 + (size / 20))
        {
            byte[] oldRoot = s_small.Root(old), proof = MerkleProver.ProveConsistency(s_small.Nodes, old, size);
            Assert.All(Flipped(oldRoot), changed => Assert.False(MerkleProof.VerifyConsistency(old, size, changed, root, proof)));
            Assert.All(Flipped(root), changed => Assert.False(MerkleProof.VerifyConsistency(old, size, oldRoot, changed, proof)));
            Assert.All(Changed(proof), changed => Assert.False(MerkleProof.VerifyConsistency(old, size, oldRoot, root, changed)));
            for (int other = 1; other <= Small; other++)
            {
                byte[] otherRoot = s_small.Root(other);
                Assert.Equal(other == old, MerkleProof.VerifyConsistency(other, size, otherRoot, root, proof));
                Assert.Equal(other == size, MerkleProof.VerifyConsistency(old, other, oldRoot, otherRoot, proof));
            }
        }
    }

    [Fact]
    public void Verification_never_throws()
    {
        Random random = new(4);
        long[] numbers = [long.MinValue, -1, 0, 1, 2, 3, 7, 8, 1L << 32, (1L << 62) - 1, 1L << 62, long.MaxValue - 1, long.MaxValue];
        for (int round = 0; round < LongRun.Count(100_000, 5_000_000); round++)
        {
            byte[] proof = new byte[random.Next(4) == 0 ? random.Next(2_200) : 32 * random.Next(66)];
            byte[] hash = new byte[random.Next(8) == 0 ? random.Next(40) : 32], root = new byte[random.Next(8) == 0 ? random.Next(40) : 32];
            long first = numbers[random.Next(numbers.Length)], second = numbers[random.Next(numbers.Length)];
            Assert.False(MerkleProof.VerifyInclusion(first, second, hash, proof, [.. root.Select(_ => (byte)1)]));
            bool isSame = first == second && first >= 1 && proof.Length == 0 && hash.Length == 32 && root.Length == 32;
            Assert.Equal(isSame, MerkleProof.VerifyConsistency(first, second, hash, root, proof));
        }

        Assert.False(MerkleProof.VerifyConsistency(0, 5, s_small.Root(0), s_small.Root(5), []));
        Assert.False(MerkleProof.VerifyInclusion(0, 0, s_small.Root(0), [], s_small.Root(0)));
    }

    [Fact]
    public void Verifying_allocates_nothing()
    {
        byte[] root = s_small.Root(Small), old = s_small.Root(77), leaf = s_small.LeafHash(200);
        byte[] inclusion = MerkleProver.ProveInclusion(s_small.Nodes, 200, Small),
        consistency = MerkleProver.ProveConsistency(s_small.Nodes, 77, Small);
        Assert.Equal(0, AllocationMeter.OnThisThread(100, () =>
        {
            Assert.True(MerkleProof.VerifyInclusion(200, Small, leaf, inclusion, root));
            Assert.True(MerkleProof.VerifyConsistency(77, Small, old, root, consistency));
        }));
    }

    // Returns the proof with every bit flipped in turn, truncated, with appended bytes, and with hashes omitted, doubled or swapped.
    private static IEnumerable<byte[]> Changed(byte[] proof)
    {
        foreach (byte[] flipped in Flipped(proof))
        {
            yield return flipped;
        }

        for (int length = 0; length < proof.Length; length++)
        {
            yield return proof[..length];
        }

        yield return [.. proof, 0];
        yield return [.. proof, .. new byte[32]];
        byte[][] hashes = [.. proof.Chunk(32)];
        for (int at = 0; at < hashes.Length; at++)
        {
            yield return [.. hashes.Where((_, other) => other != at).SelectMany(hash => hash)];
            yield return [.. hashes.SelectMany((hash, other) => other == at ? [.. hash, .. hash] : hash)];
            if (at > 0)
            {
                byte[][] swapped = [.. hashes];
                (swapped[at - 1], swapped[at]) = (swapped[at], swapped[at - 1]);
                yield return [.. swapped.SelectMany(hash => hash)];
            }
        }
    }

    private static IEnumerable<byte[]> Flipped(byte[] bytes)
    {
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] changed = [.. bytes];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return changed;
        }
    }
}
