using Estream.Crypto;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Fpga.Tests;

/// <summary>Tests that leaves hashed by a card equal those that the witness attests.</summary>
public sealed class LeafHashTests
{
    [CardFact(simulated: true)]
    public void Hashes_equal_the_witness_leaves_for_lengths_up_to_two_blocks_and_long_ones()
    {
        using FpgaTarget target = NewTarget();
        int[] lengths = [.. Enumerable.Range(0, 280), 4_095, 4_096, 65_535, 65_536, 65_537, 100_000];
        Check(target, lengths, seed: 1);
        FpgaCardReport card = target.ReadCards()[0];
        Assert.Equal((lengths.Length - 2L, 0L), (card.Answered, card.Failures));
        Assert.Equal(lengths.Length - 2L, card.Counters!.Value.LeafHashes);
    }

    [CardFact(simulated: true)]
    public void Hashes_are_correct_when_the_card_fails_in_between()
    {
        using FpgaTarget target = NewTarget();
        Random random = new(3);
        for (int round = 0; round < LongRun.Count(20, 2_000); round++)
        {
            Assert.True(target.Slots[0].IsReady());
            target.Slots[0].Card!.InjectFault(RandomInput.Fault(random), random.Next(40), (ulong)random.Next());
            Check(target, [.. Enumerable.Range(0, 60).Select(_ => random.Next(300))], round);
        }

        Assert.True(target.ReadCards()[0].Failures > 0);
    }

    [Fact]
    public void Without_a_card_the_processor_hashes()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["vfio:0000:ff:1f.7"] });
        Check(target, [0, 1, 135, 136, 137, 1_000], seed: 2);
    }

    [Fact]
    public void Mismatched_lengths_throw()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["loopback:"] });
        Assert.Throws<ArgumentException>(() => target.HashLeaves([1, 2], [1], new byte[32]));
        Assert.Throws<ArgumentException>(() => target.HashLeaves([1], [1], new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => target.HashLeaves([1], [2, -1], new byte[64]));
    }

    private static FpgaTarget NewTarget() => new(new FpgaTargetOptions
    {
        Cards = ["sim:"],
        Card = new FpgaCardOptions { RingEntries = 32 },
        ReopenInterval = TimeSpan.Zero,

        // The simulated card tells when it does nothing any more. A time limit would only count the delays of a busy machine.
        Timeout = TimeSpan.FromMinutes(5),
        MessageMemoryBytes = 1 << 18,
    });

    private static void Check(FpgaTarget target, int[] lengths, int seed)
    {
        byte[] messages = new byte[lengths.Sum()];
        new Random(seed).NextBytes(messages);
        byte[] hashes = new byte[lengths.Length * Sha3Lanes.HashBytes];
        target.HashLeaves(messages, lengths, hashes);
        byte[] expected = new byte[Sha3Lanes.HashBytes];
        for (int i = 0, offset = 0; i < lengths.Length; offset += lengths[i], i++)
        {
            MerkleTree.HashLeaf(messages.AsSpan(offset, lengths[i]), expected);
            Assert.True(expected.AsSpan().SequenceEqual(hashes.AsSpan(i * Sha3Lanes.HashBytes, Sha3Lanes.HashBytes)),
                $"leaf {i} of {lengths[i]} bytes, seed {seed}");
        }
    }
}
