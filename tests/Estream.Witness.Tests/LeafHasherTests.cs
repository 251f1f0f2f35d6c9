using Estream.Queue;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>A witness whose leaves are hashed by a device: the attestations do not depend on it, whatever it returns.</summary>
public sealed class LeafHasherTests : WitnessCase
{
    [Fact]
    public void Attestations_are_the_same_with_and_without_a_hasher()
    {
        Append(700);
        AppendLong(70_000);
        Append(10);
        byte[] root = RootBy(Attestations, null);
        Assert.True(Verify().IsWhole);

        using EstreamQueue other = EstreamQueue.Open(Beside("other.witness"), Options);
        Device device = new();
        Assert.Equal(root, RootBy(other, device));

        // A message longer than the collected bytes is hashed by the processor.
        Assert.Equal(710, device.Leaves);
    }

    [Theory]
    [InlineData(0, 256)]
    [InlineData(300, 768)]
    [InlineData(699, 1_000)]
    public void A_wrong_hasher_is_replaced_by_the_processor(int firstWrong, int leaves)
    {
        Append(1_000);
        Device device = new() { FirstWrong = firstWrong };
        using (QueueWitness witness = Open(Attestations, device))
        {
            witness.RunToEnd();
            Assert.True(witness.HasLeafHasherFailed);
        }

        Assert.Equal(leaves, device.Leaves);
        WitnessVerification verified = Verify();
        Assert.True(verified.IsWhole, verified.ToString());
        Assert.Equal(1_000, verified.Messages);
    }

    private byte[] RootBy(EstreamQueue attestations, ILeafHasher? device)
    {
        using QueueWitness witness = Open(attestations, device);
        witness.RunToEnd();
        Assert.False(witness.HasLeafHasherFailed);
        return witness.Last!.Root.ToArray();
    }

    private QueueWitness Open(EstreamQueue attestations, ILeafHasher? device) => QueueWitness.Open(
        Queue, attestations, Key,
        Bounded() with { LeafHasher = device, TailerName = device is null ? "processor" : "device" });

    private void AppendLong(int bytes)
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[bytes]);
    }

    /// <summary>Hashes on the processor; from a leaf on, every hash has a wrong bit.</summary>
    private sealed class Device : ILeafHasher
    {
        public int Leaves { get; private set; }

        public int FirstWrong { get; init; } = int.MaxValue;

        public void HashLeaves(ReadOnlySpan<byte> leaves, ReadOnlySpan<int> lengths, Span<byte> hashes)
        {
            // A batch that begins before the first wrong leaf is right, so that the test does not depend on the leaf that is checked.
            bool isWrong = Leaves >= FirstWrong;
            for (int i = 0, offset = 0; i < lengths.Length; offset += lengths[i], i++)
            {
                Span<byte> hash = hashes.Slice(i * MerkleTree.HashBytes, MerkleTree.HashBytes);
                MerkleTree.HashLeaf(leaves.Slice(offset, lengths[i]), hash);
                hash[^1] ^= isWrong ? (byte)1 : (byte)0;
            }

            Leaves += lengths.Length;
        }
    }
}
