using System.Globalization;
using Estream.Crypto;
using Estream.Fpga.Internal;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Fpga.Tests;

/// <summary>A witness whose messages a card hashes, while the card fails in every way: no message is lost, and every attestation
/// verifies.</summary>
public sealed class WitnessOnCardTests
{
    private const int Rounds = 6;
    private const int MessagesOfRound = 100;

    [CardFact(simulated: true)]
    public void A_card_that_is_removed_during_the_run_loses_no_message()
    {
        using FpgaTarget target = NewTarget(TimeSpan.FromHours(1));
        Run(target, round =>
        {
            if (round == 3)
            {
                target.Slots[0].Card!.InjectFault(FpgaFault.Vanish, 20, 0);
            }
        });
        FpgaCardReport card = target.ReadCards()[0];
        Assert.Equal(FpgaCardState.Out, card.State);
        Assert.InRange(card.Answered, 3 * MessagesOfRound, (4 * MessagesOfRound) - 1);
    }

    [CardFact(simulated: true)]
    public void Every_attestation_verifies_under_any_card_fault()
    {
        foreach (FpgaFault fault in Enum.GetValues<FpgaFault>())
        {
            using FpgaTarget target = NewTarget(TimeSpan.Zero);
            Random random = new((int)fault);
            Run(target, round =>
            {
                if (round % 2 == 1)
                {
                    lock (target.Slots[0].Gate)
                    {
                        Assert.True(target.Slots[0].IsReady());
                        target.Slots[0].Card!.InjectFault(fault, random.Next(60), (ulong)random.Next());
                    }
                }
            });
            Assert.True(target.ReadCards()[0].Answered >= MessagesOfRound, $"{fault}: the card did nothing");
        }
    }

    [Fact]
    public void Without_a_card_the_processor_hashes()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["vfio:0000:ff:1f.7"] });
        Run(target, _ => { }, "vfio:0000:ff:1f.7");
        Assert.Throws<ArgumentException>("card", () => target.HashLeaves([], [], [], "sim:"));
    }

    private static FpgaTarget NewTarget(TimeSpan reopenInterval) => new(new FpgaTargetOptions
    {
        Cards = ["sim:"],
        Card = new FpgaCardOptions { RingEntries = 32 },
        ReopenInterval = reopenInterval,

        // The simulated card tells when it does nothing any more. A time limit would only count the delays of a busy machine.
        Timeout = TimeSpan.FromMinutes(5),
        MessageMemoryBytes = 1 << 18,
    });

    private static void Run(FpgaTarget target, Action<int> beforeRound, string card = "sim:")
    {
        using TempDirectory folder = new();
        QueueOptions options = new() { SegmentBytes = 1 << 20 };
        using EstreamQueue queue = EstreamQueue.Open(folder.Combine("log"), options);
        using EstreamQueue attestations = EstreamQueue.Open(folder.Combine("log.witness"), options);
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        using (QueueAppender appender = queue.CreateAppender())
        using (QueueWitness witness = QueueWitness.Open(
            queue, attestations, key, new WitnessOptions { LeafHasher = new Leaves(target, card), MaxMessages = MessagesOfRound }))
        {
            for (int round = 0; round < Rounds; round++)
            {
                beforeRound(round);
                for (int i = 0; i < MessagesOfRound; i++)
                {
                    appender.Append(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{round}:{i}")));
                }

                Assert.Equal(MessagesOfRound, witness.RunToEnd());
            }

            Assert.False(witness.HasLeafHasherFailed);
        }

        WitnessVerification whole = WitnessVerifier.Verify(queue, attestations, key.PublicKey);
        Assert.True(whole.IsWhole, whole.ToString());
        Assert.Equal((Rounds * MessagesOfRound, 0), (whole.Messages, whole.Unattested));
    }

    private sealed class Leaves(FpgaTarget target, string card) : ILeafHasher
    {
        public void HashLeaves(ReadOnlySpan<byte> leaves, ReadOnlySpan<int> lengths, Span<byte> hashes) =>
            target.HashLeaves(leaves, lengths, hashes, card);
    }
}
