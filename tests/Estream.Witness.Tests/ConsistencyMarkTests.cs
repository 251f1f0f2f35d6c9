using Estream.Witness.Internal;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests that the few nodes kept by a growing tree give the same consistency proof as all nodes of the tree.</summary>
public sealed class ConsistencyMarkTests
{
    private static readonly SampleTree s_tree = new(3_000);

    [Fact]
    public void The_proof_since_a_mark_equals_the_one_made_from_all_nodes()
    {
        Random random = new(5);
        for (int round = 0; round < 2_000; round++)
        {
            int old = random.Next(1, random.Next(2) == 0 ? 40 : 2_000), size = old + random.Next(random.Next(2) == 0 ? 40 : 1_000);
            MerkleFrontier frontier = new();
            ConsistencyMark mark = frontier.Mark();
            Append(frontier, old, random);
            mark.Set(frontier);
            Append(frontier, size, random);
            byte[] proof = new byte[MerkleProof.MaxBytes];
            int length = mark.Prove(frontier, proof);
            Assert.True(MerkleProver.ProveConsistency(s_tree.Nodes, old, size).AsSpan().SequenceEqual(proof.AsSpan(0, length)),
                $"{old} in {size}");
            Assert.True(MerkleProof.VerifyConsistency(old, size, s_tree.Root(old), s_tree.Root(size), proof.AsSpan(0, length)));
        }
    }

    private static void Append(MerkleFrontier frontier, int size, Random random)
    {
        while (frontier.Size < size)
        {
            int count = (int)Math.Min(random.Next(1, 600), size - frontier.Size);
            frontier.Append(s_tree.LeafHashes.AsSpan((int)frontier.Size * 32, count * 32));
        }
    }
}
