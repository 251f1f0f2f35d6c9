using Estream.Fpga.Internal;
using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>Tests batches of requests on a failing card: each request ends once, and afterwards the card is usable or closed.</summary>
public sealed class CardBurstTests
{
    [CardFact]
    public void Each_request_completes_once_under_any_card_fault()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Run(new Random(seed), seed);
        }
    }

    [CardFact]
    public void A_card_that_fails_repeatedly_is_closed_and_reopened_later()
    {
        ManualClock clock = new();
        using CardSlot slot = NewSlot(clock, TimeSpan.FromSeconds(5));
        CardBurst burst = new();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(slot.IsReady());
            slot.Card!.InjectFault(FpgaFault.Drop, afterCompletions: 0);
            Assert.Equal(0, Burst(burst, slot, 1));
        }

        Assert.Null(slot.Card);
        Assert.False(slot.IsReady());
        clock.Pass(TimeSpan.FromSeconds(4));
        Assert.False(slot.IsReady());
        clock.Pass(TimeSpan.FromSeconds(2));
        Assert.True(slot.IsReady());
        Assert.Equal(5, Burst(burst, slot, 5));
        Assert.Equal((3L, 5L, 3L), (slot.Failures, slot.Answered, slot.Unanswered));
    }

    [CardFact]
    public void A_success_between_failures_keeps_the_card_open()
    {
        using CardSlot slot = NewSlot(new ManualClock(), TimeSpan.FromHours(1));
        CardBurst burst = new();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(slot.IsReady());
            slot.Card!.InjectFault(FpgaFault.Stuck, afterCompletions: 3);
            Assert.Equal(3, Burst(burst, slot, 7));
            Assert.Equal(7, Burst(burst, slot, 7));
        }

        Assert.Equal((5L, 0), (slot.Failures, slot.Card!.Queue.Outstanding));
    }

    [CardFact]
    public void A_card_that_vanished_reopens_empty()
    {
        using CardSlot slot = NewSlot(new ManualClock(), TimeSpan.Zero);
        Assert.True(slot.IsReady());
        object owner = new();
        CardLane? none = slot.LaneOf(owner);
        Assert.Null(none);
        uint generation = slot.Generation;
        slot.Card!.InjectFault(FpgaFault.Vanish, afterCompletions: 1);
        Assert.Equal(1, Burst(new CardBurst(), slot, 4));
        Assert.Null(slot.Card);
        Assert.True(slot.IsReady());
        Assert.NotEqual(generation, slot.Generation);
        Assert.Equal(4, Burst(new CardBurst(), slot, 4));
    }

    [CardFact]
    public void A_duplicate_completion_does_not_reach_the_next_batch()
    {
        using CardSlot slot = NewSlot(new ManualClock(), TimeSpan.Zero);
        CardBurst burst = new();
        Assert.True(slot.IsReady());
        slot.Card!.InjectFault(FpgaFault.Duplicate, afterCompletions: 4);

        // The last of five completions arrives twice. The duplicate belongs to no outstanding request. The next batch of five requests
        // reuses the card slot, and each request gets its own answer.
        Assert.Equal(5, Burst(burst, slot, 5));
        Assert.Equal(0, slot.Failures);
        Assert.Equal(5, Burst(burst, slot, 5));
        Assert.Equal(1, slot.Failures);
        Assert.Contains("completed a request that is not in flight", slot.LastFailure, StringComparison.Ordinal);
    }

    private static void Run(Random random, int seed)
    {
        using CardSlot slot = NewSlot(new ManualClock(), TimeSpan.Zero);
        CardBurst burst = new();
        long told = 0;
        for (int round = 0; round < 20; round++)
        {
            Assert.True(slot.IsReady(), $"seed {seed}");
            int count = random.Next(1, 200);
            if (random.Next(3) == 0)
            {
                slot.Card!.InjectFault(RandomInput.Fault(random), random.Next(2 * count), (ulong)random.Next());
            }

            told += Burst(burst, slot, count);
            Assert.True(slot.Card is null || slot.Card.Queue.Outstanding == 0, $"seed {seed}");
        }

        Assert.Equal(told, slot.Answered);
    }

    // Returns the number of answered requests. Checks that all other requests are reported as unanswered, and that none counts twice.
    private static int Burst(CardBurst burst, CardSlot slot, int count)
    {
        long before = slot.Answered + slot.Unanswered;
        int sent = 0;
        burst.Begin(slot, count);
        for (int i = 0; i < count && burst.CanSend(0); i++)
        {
            ref FpgaSubmission place = ref burst.Send(i);
            place.Head(CardOperation.Nop, 0, 0);
            (place.Address, place.Inline, place.Argument) = (0, default, (ulong)i + 1);
            sent++;
        }

        burst.End();
        int answered = 0;
        for (int i = 0; i < count; i++)
        {
            ref readonly CardAnswer answer = ref burst[i];
            answered += answer.IsAnswered ? 1 : 0;
            Assert.True(!answer.IsAnswered || (answer.IsSent && answer.Status == CardStatus.Ok));
        }

        Assert.Equal(sent, slot.Answered + slot.Unanswered - before);
        return answered;
    }

    private static CardSlot NewSlot(ManualClock clock, TimeSpan reopen) => new(
        "loopback:",
        new FpgaTargetOptions
        {
            Cards = ["loopback:"],
            Card = new FpgaCardOptions { RingEntries = 64 },
            ReopenInterval = reopen,
            MessageMemoryBytes = 1 << 18,
            Clock = clock,
        });
}
