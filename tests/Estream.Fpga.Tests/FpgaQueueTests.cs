using Estream.Fpga.Internal;
using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>Tests the rings, on a card that completes every submission.</summary>
public sealed class FpgaQueueTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    [CardFact]
    public void Submissions_complete_once_and_in_order_across_ring_wraps()
    {
        using FpgaCard card = FpgaCard.Open("loopback:", new FpgaCardOptions { RingEntries = 8 });
        ulong next = 0;
        ulong expected = 0;
        Random random = new(1);
        while (expected < 10_000)
        {
            int count = random.Next(1, card.Queue.Free + 1);
            for (int i = 0; i < count; i++)
            {
                Submit(card.Queue, next++);
            }

            Assert.True(card.Queue.Ring());
            Assert.Null(card.Queue.Wait(count, s_timeout));
            while (card.Queue.HasCompletion)
            {
                Assert.Equal((expected, CardStatus.Ok, ~expected),
                    (card.Queue.Current.UserData, card.Queue.Current.Status, card.Queue.Current.Data));
                card.Queue.Advance();
                expected++;
            }

            Assert.Equal((next, 0), (expected, card.Queue.Outstanding));
        }
    }

    [CardFact]
    public void Next_throws_on_a_full_ring_until_completions_are_read()
    {
        using FpgaCard card = FpgaCard.Open("loopback:", new FpgaCardOptions { RingEntries = 4 });
        for (ulong i = 0; i < 4; i++)
        {
            Submit(card.Queue, i);
        }

        Assert.Equal(0, card.Queue.Free);
        Assert.Contains("All 4 slots", Assert.Throws<InvalidOperationException>(() => Submit(card.Queue, 4)).Message,
            StringComparison.Ordinal);
        Assert.False(card.Queue.HasCompletion);
        Assert.True(card.Queue.Ring());
        Assert.True(card.Queue.Poll(100));
        Assert.False(card.Queue.Poll(100));
        Assert.True(card.Queue.HasCompletion);
        card.Queue.Advance();
        Submit(card.Queue, 4);
        Assert.Equal(0, card.Queue.Free);
    }

    [CardFact]
    public void The_card_sees_no_submission_before_the_doorbell()
    {
        using FpgaCard card = FpgaCard.Open("loopback:");
        Submit(card.Queue, 1);
        Assert.False(card.Queue.Poll(100));
        Assert.Equal(FpgaFailure.Timeout, card.Queue.Wait(1, TimeSpan.FromMilliseconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => card.Queue.Wait(2, s_timeout));
    }

    [CardFact]
    public void A_batch_allocates_nothing()
    {
        using FpgaCard card = FpgaCard.Open("loopback:");
        long allocated = AllocationMeter.OnThisThread(100, () =>
        {
            for (ulong i = 0; i < 256; i++)
            {
                Submit(card.Queue, i);
            }

            _ = card.Queue.Ring();
            _ = card.Queue.Wait(256, s_timeout);
            while (card.Queue.HasCompletion)
            {
                card.Queue.Advance();
            }
        });
        Assert.Equal(0, allocated);
    }

    [CardTheory]
    [InlineData("Vanish", FpgaFailure.Gone)]
    [InlineData("Stuck", FpgaFailure.Timeout)]
    [InlineData("Drop", FpgaFailure.Timeout)]
    [InlineData("Stale", null)]
    [InlineData("Reset", FpgaFailure.Timeout)]
    public void Wait_ends_when_a_fault_occurs(string fault, FpgaFailure? expected)
    {
        using FpgaCard card = FpgaCard.Open("loopback:");
        card.InjectFault(Enum.Parse<FpgaFault>(fault), afterCompletions: 2);
        for (ulong i = 0; i < 4; i++)
        {
            Submit(card.Queue, i);
        }

        Assert.True(card.Queue.Ring());
        Assert.Equal(expected, card.Queue.Wait(4, s_timeout));
        int told = 0;
        for (; card.Queue.HasCompletion; told++)
        {
            card.Queue.Advance();
        }

        Assert.Equal(fault == "Drop" ? 3 : 2, told);
    }

    [CardFact]
    public void After_a_reset_the_rings_restart_without_old_completions()
    {
        using FpgaCard card = FpgaCard.Open("loopback:", new FpgaCardOptions { RingEntries = 4 });
        card.InjectFault(FpgaFault.Stuck, afterCompletions: 1);
        for (ulong i = 0; i < 3; i++)
        {
            Submit(card.Queue, i);
        }

        Assert.True(card.Queue.Ring());
        Assert.Equal(FpgaFailure.Timeout, card.Queue.Wait(3, s_timeout));
        card.Reset();
        Assert.Equal(0, card.Queue.Outstanding);
        Assert.False(card.Queue.HasCompletion);
        Submit(card.Queue, 77);
        Assert.True(card.Queue.Ring());
        Assert.Null(card.Queue.Wait(1, s_timeout));
        Assert.Equal((77ul, 1L), (card.Queue.Current.UserData, card.ReadCounters().Resets));
    }

    [CardFact]
    public void Every_call_reports_a_card_that_is_gone()
    {
        using FpgaCard card = FpgaCard.Open("loopback:");
        card.InjectFault(FpgaFault.Vanish, afterCompletions: 0);
        Submit(card.Queue, 1);
        Assert.True(card.Queue.Ring());
        Assert.Equal(FpgaFailure.Gone, card.Queue.Wait(1, s_timeout));
        Assert.False(card.Queue.Ring());
        Assert.Equal(FpgaFailure.Gone, Assert.Throws<EstreamFpgaException>(card.Reset).Reason);
        EstreamFpgaException error = Assert.Throws<EstreamFpgaException>(() => card.ReadCounters());
        Assert.True(error.IsTransient);
        Assert.Equal("loopback:", error.Path);
        Assert.Throws<EstreamFpgaException>(() => card.AllocateMemory(4_096));
    }

    private static void Submit(FpgaQueue queue, ulong userData)
    {
        ref FpgaSubmission place = ref queue.Next();
        place.Head(CardOperation.Nop, 0, 0);
        place.Address = 0;
        place.UserData = userData;
        place.Inline = default;
        place.Argument = ~userData;
    }
}
