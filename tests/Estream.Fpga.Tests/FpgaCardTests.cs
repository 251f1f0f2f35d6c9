using System.Runtime.InteropServices;
using Estream.Fpga.Internal;

namespace Estream.Fpga.Tests;

/// <summary>Tests finding and opening cards, their descriptions, and errors.</summary>
public sealed class FpgaCardTests
{
    [CardFact(simulated: true)]
    public void The_simulated_card_reports_that_it_is_simulated()
    {
        using FpgaCard card = FpgaCard.Open("sim:");
        Assert.Equal(("sim:", FpgaBackend.Simulated, true), (card.Info.Uri, card.Info.Backend, card.Info.IsSimulated));
        Assert.Equal("append, map, leaf hash", card.Info.Engines);
        Assert.Equal(16, card.Info.HotKeys);
        Assert.Equal((uint)CardRegisters.AbiMajor, card.Info.AbiVersion >> 16);
        Assert.Equal(FpgaBackend.Simulated, card.ReadCounters().Backend);
    }

    [CardFact]
    public void The_loopback_has_no_engines()
    {
        using FpgaCard card = FpgaCard.Open("loopback:");
        Assert.Equal((FpgaBackend.Loopback, true, "none"), (card.Info.Backend, card.Info.IsSimulated, card.Info.Engines));
    }

    [CardTheory]
    [InlineData("vfio:0000:ff:1f.7", "no device 0000:ff:1f.7", "lspci")]
    [InlineData("vfio:../../etc", "not a PCI address", "vfio:0000:3b:00.0")]
    [InlineData("vfio:", "not a PCI address", "vfio:0000:3b:00.0")]
    [InlineData("pcie:1", "'sim:'", "'loopback:'")]
    public void Open_of_a_missing_card_throws_with_the_reason(string uri, string what, string wayOut)
    {
        EstreamFpgaException error = Assert.Throws<EstreamFpgaException>(() => FpgaCard.Open(uri));
        Assert.Equal((FpgaFailure.Unavailable, false), (error.Reason, error.IsTransient));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(wayOut, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 16)]
    [InlineData("loopback:", 0)]
    [InlineData("loopback:", 12)]
    [InlineData("loopback:", 1 << 17)]
    [InlineData("loopback:0123456789012345678901234567890123456789012345678901234567890", 16)]
    public void Open_with_invalid_arguments_throws_ArgumentException(string uri, int entries) =>
        Assert.ThrowsAny<ArgumentException>(() => FpgaCard.Open(uri, new FpgaCardOptions { RingEntries = entries }));

    [CardFact(simulated: true)]
    public void Two_cards_are_independent()
    {
        using FpgaCard one = FpgaCard.Open("sim:");
        using FpgaCard other = FpgaCard.Open("sim:");
        one.SetNextSequence(1, 500);
        Assert.Equal((500ul, 0ul), (AppendNothing(one), AppendNothing(other)));
        one.Dispose();
        Assert.Equal(1ul, AppendNothing(other));
    }

    [CardFact(simulated: true)]
    public void The_card_accesses_allocated_memory_by_its_address_and_rejects_other_addresses()
    {
        using FpgaCard card = FpgaCard.Open("sim:");
        using (FpgaMemory memory = card.AllocateMemory(2 << 20))
        {
            Assert.NotEqual(0ul, memory.Address);
            memory.Span(0, 64).Fill(7);
            Assert.Equal(CardStatus.Ok, Append(card, memory.Address, 64));
            Assert.Equal(CardStatus.DmaError, Append(card, memory.Address + (ulong)memory.Length - 8, 64));
            Assert.Throws<ArgumentOutOfRangeException>(() => memory.Span(memory.Length - 1, 2));
        }

        Assert.Equal(CardStatus.DmaError, Append(card, 1 << 20, 64));
        Assert.Equal(2, card.ReadCounters().DmaErrors);
    }

    [CardFact(simulated: true)]
    public void A_submission_past_its_deadline_completes_once_with_Timeout()
    {
        using FpgaCard card = FpgaCard.Open("sim:", new FpgaCardOptions { DeadlineCycles = 500 });
        using FpgaMemory memory = card.AllocateMemory(1 << 17);
        ref FpgaSubmission place = ref card.Queue.Next();
        place.Head(CardOperation.LeafHash, 0, 60_000);
        (place.Address, place.UserData, place.Inline, place.Argument) = (memory.Address, 77, default, memory.Address + (1 << 16));
        FpgaCompletion completion = Complete(card);
        Assert.Equal((77ul, CardStatus.Timeout), (completion.UserData, completion.Status));

        // The card still works on the submission after the timeout. This work gets no completion, and the reset ends it.
        while (card.Queue.Poll(100_000))
        {
        }

        Assert.False(card.Queue.HasCompletion);
        Assert.Equal(1, card.ReadCounters().Timeouts);
        card.Reset();
        Assert.Equal(0ul, AppendNothing(card));
    }

    [Fact]
    public void Structs_have_the_sizes_of_the_native_header()
    {
        Assert.Equal(64, Marshal.SizeOf<FpgaSubmission>());
        Assert.Equal(32, Marshal.SizeOf<FpgaCompletion>());
        Assert.Equal(24, Marshal.SizeOf<NativeMethods.OpenParameters>());
        Assert.Equal(108, Marshal.SizeOf<NativeMethods.Capabilities>());
        Assert.Equal(32, Marshal.SizeOf<NativeMethods.QueueParameters>());
        Assert.Equal(16 + (8 * 22), Marshal.SizeOf<NativeMethods.Counters>());
    }

    private static ulong AppendNothing(FpgaCard card)
    {
        ref FpgaSubmission place = ref card.Queue.Next();
        place.Head(CardOperation.Append, 1, FpgaSubmission.InlineLength(0));
        (place.Address, place.UserData, place.Inline, place.Argument) = (0, 0, default, 0);
        return Complete(card).Sequence;
    }

    private static CardStatus Append(FpgaCard card, ulong address, uint bytes)
    {
        ref FpgaSubmission place = ref card.Queue.Next();
        place.Head(CardOperation.Append, 0, bytes);
        (place.Address, place.UserData, place.Inline, place.Argument) = (address, 0, default, 0);
        return Complete(card).Status;
    }

    private static FpgaCompletion Complete(FpgaCard card)
    {
        Assert.True(card.Queue.Ring());
        Assert.Null(card.Queue.Wait(1, TimeSpan.FromSeconds(30)));
        FpgaCompletion completion = card.Queue.Current;
        card.Queue.Advance();
        return completion;
    }
}
